// A file that is too large is noticed before it is sent: the server reads none of such a thing, and all that is typed
// would have to be sent again. It is taken out of the field, and the field says so.
(() => {
  "use strict";

  const placeBelow = (input) => {
    if (input.nextElementSibling?.matches(".file-refused")) return input.nextElementSibling;
    const place = document.createElement("p");
    place.setAttribute("role", "alert");
    place.className = "file-refused";
    input.after(place);
    return place;
  };

  document.addEventListener("change", ({ target: input }) => {
    if (!input.matches("input[type=file][data-bytes-max]")) return;
    const isTooLarge = input.files[0]?.size > Number(input.dataset.bytesMax);
    placeBelow(input).textContent = isTooLarge ? "This file is larger than 10 MB. Make it smaller, then choose it again." : "";
    if (isTooLarge) input.value = "";
  });
})();
