// What the graphics card does. All is added by taking the brighter of two colours: it needs no sorting, nothing hides
// anything else, and many points over each other keep their colour instead of turning white.

/** Samples on their way, see cloud.ts. `look`: colour from and to, visibility from and to. */
export const SAMPLE_VERTEX = /* glsl */ `
uniform mat4 projectionMatrix;
uniform mat4 modelViewMatrix;
uniform vec3 palette[PALETTE];
uniform float share;
uniform float size;
uniform float distance;
in vec3 position;
in vec3 origin;
in vec4 look;
out vec3 tint;
void main() {
  vec4 seen = modelViewMatrix * vec4(mix(origin, position, share), 1.0);
  gl_Position = projectionMatrix * seen;
  gl_PointSize = max(size / -seen.z, 2.5);
  float near = clamp((distance + 1.0 + seen.z) / 2.0, 0.0, 1.0);
  vec3 colour = mix(palette[int(look.x)], palette[int(look.y)], share);
  tint = colour * mix(look.z, look.w, share) * mix(DIMMEST, 1.0, near);
}`;

export const SAMPLE_FRAGMENT = /* glsl */ `
precision mediump float;
in vec3 tint;
out vec4 colour;
void main() {
  float edge = 2.0 * length(gl_PointCoord - 0.5);
  colour = vec4(tint * (1.0 - smoothstep(0.4, 1.0, edge)), 1.0);
}`;

/** Marks: the live frame, its trail, the sample closest to it. `look`: radius, how hollow, brightness, how soft. */
export const MARK_VERTEX = /* glsl */ `
uniform mat4 projectionMatrix;
uniform mat4 modelViewMatrix;
uniform float size;
in vec3 position;
in vec4 look;
out vec4 shape;
out float radius;
void main() {
  vec4 seen = modelViewMatrix * vec4(position, 1.0);
  gl_Position = projectionMatrix * seen;
  gl_PointSize = max(look.x * size / -seen.z, 1.0);
  radius = gl_PointSize / 2.0;
  shape = look;
}`;

export const MARK_FRAGMENT = /* glsl */ `
precision mediump float;
uniform vec3 tint;
uniform vec3 pale;
in vec4 shape;
in float radius;
out vec4 colour;
void main() {
  float edge = 2.0 * length(gl_PointCoord - 0.5);
  float blur = clamp(1.5 / radius, 0.0, 1.0);
  float disc = 1.0 - smoothstep(mix(1.0 - blur, 0.1, shape.w), 1.0, edge);
  float hollow = min(shape.y, 1.0);
  float inner = mix(0.68, 0.85, max(shape.y - 1.0, 0.0));
  float hole = 1.0 - smoothstep(inner - blur, inner, edge);
  colour = vec4(mix(tint, pale, hollow) * shape.z * (disc - hole * hollow), 1.0);
}`;

/** Two corners at each end of a line, pushed apart on the screen; `along` is 0 to 1. */
export const LINE_VERTEX = /* glsl */ `
uniform mat4 projectionMatrix;
uniform mat4 viewMatrix;
uniform vec3 start;
uniform vec3 end;
uniform vec2 screen;
uniform float width;
in vec3 position;
out float along;
out float side;
void main() {
  vec4 a = projectionMatrix * viewMatrix * vec4(start, 1.0);
  vec4 b = projectionMatrix * viewMatrix * vec4(end, 1.0);
  vec2 way = (b.xy / b.w - a.xy / a.w) * screen;
  vec2 across = length(way) > 0.001 ? normalize(vec2(-way.y, way.x)) : vec2(0.0);
  gl_Position = mix(a, b, position.x);
  gl_Position.xy += across * position.y * width / screen * gl_Position.w;
  along = position.x * length(way) / 2.0;
  side = position.y;
}`;

/** `gap`: 0 is a whole line, 1 a dashed one; `dash` is the length of a dash and its gap in pixels. */
export const LINE_FRAGMENT = /* glsl */ `
precision mediump float;
uniform vec3 tint;
uniform float gap;
uniform float dash;
in float along;
in float side;
out vec4 colour;
void main() {
  float phase = abs(fract(along / dash) - 0.5) * 2.0;
  float drawn = mix(1.0, smoothstep(0.4, 0.55, phase), gap);
  colour = vec4(tint * drawn * (1.0 - smoothstep(0.4, 1.0, abs(side))), 1.0);
}`;

/** The ball's rim and its great circles, brightness by corner. */
export const SHELL_VERTEX = /* glsl */ `
uniform mat4 projectionMatrix;
uniform mat4 modelViewMatrix;
in vec3 position;
in float bright;
out float light;
void main() {
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  light = bright;
}`;

export const SHELL_FRAGMENT = /* glsl */ `
precision mediump float;
uniform vec3 tint;
in float light;
out vec4 colour;
void main() {
  colour = vec4(tint * light, 1.0);
}`;
