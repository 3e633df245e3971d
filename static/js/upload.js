// A file that is too large is noticed before it is sent: the server reads none of such a thing, and all that is typed
// would have to be sent again. It is taken out of the field, and the field says so.
(() => {
  "use strict";

  for (const input of document.querySelectorAll("input[type=file][data-bytes-max]")) {
    const said = document.createElement("p");
    said.setAttribute("role", "alert");
    said.className = "file-refused";
    input.after(said);
    input.addEventListener("change", () => {
      const isTooLarge = input.files[0]?.size > Number(input.dataset.bytesMax);
      said.textContent = isTooLarge ? "This file is larger than 10 MB. Make it smaller, then choose it again." : "";
      if (isTooLarge) input.value = "";
    });
  }
})();
