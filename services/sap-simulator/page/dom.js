// Making and filling elements. Text is only ever set as text: a product's name may hold anything.

/** The element of that id. */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * An element with properties and children. `aria-…` and `data-…` become attributes; children that are null are left
 * out.
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The picture of a product, or the first letter of its name. */
export function picture(product) {
  const frame = make("span", { className: "picture" });
  fillPicture(frame, product);
  return frame;
}

export function fillPicture(frame, product) {
  const letter = (product?.name ?? "★").slice(0, 1);
  if (!product?.picture) return frame.replaceChildren(letter);
  const image = make("img", { src: product.picture, alt: "", draggable: false });
  image.addEventListener("error", () => frame.replaceChildren(letter));
  frame.replaceChildren(image);
}

/** "EUR 6.50", or nothing. */
export function price(product) {
  return product?.price ? `${product.currency} ${product.price}` : "";
}

/** "1 product", "2 products". */
export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}
