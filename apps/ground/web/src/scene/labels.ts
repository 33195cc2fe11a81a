/**
 * Words over the map: HTML on top of the canvas, moved by transforms, so that they stay sharp, can
 * be clicked and are read by screen readers.
 */
import type { Camera, Vector3 } from "three";

export interface Label {
  readonly key: string;
  readonly className: string;
  readonly text: string;
  readonly title: string;
  readonly at: Vector3;
  readonly onClick?: (event: MouseEvent) => void;
}

export class Labels {
  readonly #host: HTMLElement;
  readonly #elements = new Map<string, HTMLElement>();

  #size = { width: 1, height: 1 };

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  resize(width: number, height: number): void {
    this.#size = { width, height };
  }

  draw(labels: readonly Label[], camera: Camera): void {
    const { width, height } = this.#size;
    const seen = new Set<string>();
    for (const label of labels) {
      seen.add(label.key);
      const element = this.#elements.get(label.key) ?? this.#make(label);
      if (element.className !== label.className) element.className = label.className;
      const words = element.lastElementChild;
      if (words !== null && words.textContent !== label.text) words.textContent = label.text;
      if (element.title !== label.title) element.title = label.title;
      const p = label.at.clone().project(camera);
      const shown = p.z < 1 && Math.abs(p.x) < 1.05 && Math.abs(p.y) < 1.05;
      element.style.visibility = shown ? "visible" : "hidden";
      const x = ((p.x + 1) / 2) * width;
      const y = ((1 - p.y) / 2) * height;
      element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    }
    for (const [key, element] of this.#elements) {
      if (seen.has(key)) continue;
      element.remove();
      this.#elements.delete(key);
    }
  }

  dispose(): void {
    for (const element of this.#elements.values()) element.remove();
    this.#elements.clear();
  }

  #make(label: Label): HTMLElement {
    const tag = label.onClick === undefined ? "div" : "button";
    const element: HTMLElement = document.createElement(tag);
    // The mouse only: the keyboard has the lists beside the map, in a better order.
    element.tabIndex = -1;
    element.append(document.createElement("i"), document.createElement("span"));
    const { onClick } = label;
    if (onClick !== undefined) element.addEventListener("click", onClick);
    this.#host.append(element);
    this.#elements.set(label.key, element);
    return element;
  }
}
