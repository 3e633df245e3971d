// Names for what Django's admin draws without one: rows below a form, and the widgets that its own scripts make.
(() => {
  "use strict";

  let named = 0;

  // The id of an element; one that has none gets one.
  const idOf = (element) => (element.id ||= `named-${++named}`);

  const nameBy = (element, ...names) => {
    if (names.every(Boolean)) element.setAttribute("aria-labelledby", names.map(idOf).join(" "));
  };

  // A control's label: its own, or the heading of its column.
  const labelOf = (control) => {
    const cell = control.closest(".tabular td");
    return control.labels?.[0] ?? (cell && cell.closest("table").tHead.rows[0].cells[cell.cellIndex]);
  };

  const say = (heading, words) => {
    if (heading.textContent.trim()) return;
    const hidden = document.createElement("span");
    hidden.className = "visually-hidden";
    hidden.textContent = words;
    heading.append(hidden);
  };

  // Rows below a form: every column has a heading, and every control is named by it.
  const nameRows = (part) => {
    for (const row of part.querySelectorAll(".tabular thead tr")) {
      for (const heading of row.cells) say(heading, heading === row.lastElementChild ? "Remove" : "Row");
    }
    for (const control of part.querySelectorAll(".tabular td :is(input, select, textarea)")) {
      const isNamed = control.labels?.length || control.hasAttribute("aria-label");
      if (control.type !== "hidden" && !isNamed && !control.closest(".select2-container")) {
        nameBy(control, labelOf(control));
      }
    }
  };

  // Lists to search in (select2): the frame, what is chosen, and the field that is typed into.
  const nameLists = (part) => {
    for (const list of part.querySelectorAll("select.admin-autocomplete")) {
      const frame = list.nextElementSibling;
      const label = labelOf(list);
      if (!label || !frame?.matches(".select2-container")) continue;
      const chosen = frame.querySelector(".select2-selection__rendered");
      nameBy(frame.querySelector(".select2-selection"), label, chosen);
      if (chosen.getAttribute("role") === "textbox") nameBy(chosen, label);
      const field = frame.querySelector(".select2-search__field");
      if (field) nameBy(field, label);
    }
  };

  // An open list is drawn at the end of the page, outside every landmark and apart from the frame that it belongs to.
  const nameOpenList = (list) => {
    const drawn = document.querySelector("body > .select2-container--open");
    if (!drawn) return;  // one with several choices is typed into where it stands
    const field = drawn.querySelector(".select2-search__field");
    const options = drawn.querySelector(".select2-results__options");
    drawn.setAttribute("role", "region");
    for (const each of [drawn, field, options]) if (each) nameBy(each, labelOf(list));
    list.nextElementSibling.querySelector("[role=combobox]").setAttribute("aria-controls", idOf(options));
  };

  const forgetOpenList = (list) => {
    list.nextElementSibling.querySelector("[role=combobox]").removeAttribute("aria-controls");
  };

  // The magnifying glass beside two lists to choose from: a picture with words, which names the field that it labels.
  const nameGlasses = (part) => {
    for (const glass of part.querySelectorAll(".search-label-icon[aria-label]")) glass.setAttribute("role", "img");
  };

  // A list on a phone: each value says what it is, for there a row is a block. A dash stands for none, and says nothing.
  const labelValues = (list) => {
    const headings = [...list.tHead.rows[0].cells].map((cell) => cell.querySelector(".text")?.textContent.trim());
    for (const row of list.tBodies[0].rows) {
      for (const cell of row.cells) {
        const isEmpty = !cell.children.length && ["", "-", "–"].includes(cell.textContent.trim());
        if (cell.tagName === "TD" && headings[cell.cellIndex] && !isEmpty) cell.dataset.label = headings[cell.cellIndex];
      }
    }
    list.classList.add("data-table");
  };
  const list = document.getElementById("result_list");
  if (list) labelValues(list);

  const nameAll = (part) => {
    nameRows(part);
    nameLists(part);
    nameGlasses(part);
  };

  // Django's own scripts draw when the page has loaded, jQuery's when it says so: whichever is later finds all of it.
  window.addEventListener("load", () => nameAll(document));
  const jQuery = window.django?.jQuery;
  if (jQuery) {
    jQuery(() => nameAll(document));
    jQuery(document).on("select2:open", (event) => nameOpenList(event.target));
    jQuery(document).on("select2:close", (event) => forgetOpenList(event.target));
  }
  document.addEventListener("formset:added", (event) => setTimeout(() => nameAll(event.target.closest("table") ?? event.target)));
})();
