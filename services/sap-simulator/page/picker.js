// The dialogue in which a product is chosen.

import { byId, make, picture, price } from "./dom.js";
import { state } from "./server.js";

const dialog = byId("picker");
const search = byId("picker-search");
const list = byId("picker-list");

let choose = () => {};
let left = [];

/** Lets a person choose one of the products that are not in `without`. */
export function pick(title, without, chosen) {
  byId("picker-title").textContent = title;
  left = state.products.filter((product) => !without.includes(product.id));
  choose = chosen;
  search.value = "";
  render();
  dialog.showModal();
  search.focus();
}

function render() {
  const words = search.value.toLowerCase().split(/\s+/);
  const fits = ({ id, name, brand }) => words.every((word) => `${id} ${name} ${brand}`.toLowerCase().includes(word));
  const rows = left.filter(fits).map((product) => {
    const button = make(
      "button",
      { type: "button", className: "trigger" },
      picture(product),
      make(
        "span",
        {},
        make("span", { className: "name" }, product.name),
        make("span", { className: "quiet" }, [product.id, price(product)].filter(Boolean).join(" · ")),
      ),
    );
    button.addEventListener("click", () => {
      dialog.close();
      choose(product.id);
    });
    return make("li", {}, button);
  });
  const nothing = make("li", { className: "quiet" }, "No product fits.");
  list.replaceChildren(...(rows.length > 0 ? rows : [nothing]));
}

search.addEventListener("input", render);
search.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  list.querySelector("button")?.click();
});
byId("picker-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
