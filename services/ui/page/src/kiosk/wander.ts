// Where the light of a dark screen is: never long in one place, so that no pixel wears out before the others.

interface Place {
  /** Shares of the screen's width and height. */
  x: number;
  y: number;
}

/** Steps that fill a square evenly, and never come back to where they were: the plane's answer to the golden ratio. */
const STEP_X = 0.7548776662;
const STEP_Y = 0.569840291;
const MARGIN = 0.2;

export function place(step: number): Place {
  const within = (value: number) => MARGIN + (1 - 2 * MARGIN) * (value % 1);
  return { x: within(0.5 + step * STEP_X), y: within(0.5 + step * STEP_Y) };
}
