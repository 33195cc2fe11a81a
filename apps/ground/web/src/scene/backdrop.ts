/**
 * What stands still behind the vehicles, drawn once and kept as a picture: terrain and lines cost
 * software graphics most of a frame, and between two moves of the camera they are the same. The
 * picture is what the canvas showed, so it is already smoothed and in the screen's colours.
 */
import {
  BufferAttribute,
  BufferGeometry,
  Camera,
  FramebufferTexture,
  Mesh,
  Scene,
  ShaderMaterial,
  Vector2,
  type PerspectiveCamera,
  type WebGLRenderer,
} from "three";

export class Backdrop {
  readonly #scene = new Scene();
  readonly #camera = new Camera();
  readonly #mesh: Mesh<BufferGeometry, ShaderMaterial>;
  readonly #size = new Vector2();
  #picture = new FramebufferTexture(1, 1);
  #stale = true;

  constructor() {
    const geometry = new BufferGeometry();
    // One triangle that covers the screen.
    const corners = new Float32Array([-1, -1, 0, 3, -1, 0, -1, 3, 0]);
    geometry.setAttribute("position", new BufferAttribute(corners, 3));
    const material = new ShaderMaterial({
      vertexShader: /* glsl */ `
        varying vec2 vAt;
        void main() {
          vAt = position.xy * 0.5 + 0.5;
          gl_Position = vec4(position.xy, 0.0, 1.0);
        }
      `,
      fragmentShader: /* glsl */ `
        uniform sampler2D picture;
        varying vec2 vAt;
        void main() { gl_FragColor = vec4(texture2D(picture, vAt).rgb, 1.0); }
      `,
      uniforms: { picture: { value: this.#picture } },
      depthTest: false,
      depthWrite: false,
    });
    this.#mesh = new Mesh(geometry, material);
    this.#mesh.frustumCulled = false;
    this.#scene.add(this.#mesh);
  }

  /** Something behind the vehicles changed, or the camera moved. */
  forget(): void {
    this.#stale = true;
  }

  /** Fills the canvas: from the picture, or by drawing and keeping it. */
  draw(renderer: WebGLRenderer, scene: Scene, camera: PerspectiveCamera): void {
    if (!this.#stale) {
      renderer.render(this.#scene, this.#camera);
      return;
    }
    this.#stale = false;
    renderer.clear();
    renderer.render(scene, camera);
    renderer.getDrawingBufferSize(this.#size);
    this.#keep(renderer);
  }

  dispose(): void {
    this.#picture.dispose();
    this.#mesh.geometry.dispose();
    this.#mesh.material.dispose();
  }

  #keep(renderer: WebGLRenderer): void {
    const { x, y } = this.#size;
    const { width, height } = this.#picture.image;
    if (width !== x || height !== y) {
      this.#picture.dispose();
      this.#picture = new FramebufferTexture(x, y);
      const { picture } = this.#mesh.material.uniforms;
      if (picture !== undefined) picture.value = this.#picture;
    }
    renderer.copyFramebufferToTexture(this.#picture);
  }
}
