// Between two frames of a camera lie many of the screen: people glide from one to the next.

const LONGEST_MS = 400;
const SHORTEST_MS = 30;

export class Motion {
  #before = [];
  #after = [];
  #at = 0;
  #every_ms = 100;
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  /** Take over the people of a new frame, at ms of performance.now(). */
  push(people, at) {
    const gap = at - this.#at;
    this.#before = gap < LONGEST_MS ? this.people(at) : people;
    if (gap > SHORTEST_MS && gap < LONGEST_MS) this.#every_ms += (gap - this.#every_ms) / 4;
    this.#after = people;
    this.#at = at;
  }

  /** Where people are now. */
  people(now) {
    const share = this.share(now);
    if (share >= 1) return this.#after;
    const before = new Map(this.#before.map((person) => [person.id, person]));
    return this.#after.map((person) => blend(before.get(person.id), person, share));
  }

  /** How far they have come from the last frame to this one, 0..1. */
  share(now) {
    return this.#still.matches ? 1 : Math.min(1, Math.max(0, (now - this.#at) / this.#every_ms));
  }
}

function blend(from, to, share) {
  if (from === undefined || to.id === null) return to;
  const points = to.points.map((value, i) => {
    const hidden = i % 3 === 2 || from.points[i - (i % 3) + 2] === 0 || to.points[i - (i % 3) + 2] === 0;
    return hidden ? value : from.points[i] + (value - from.points[i]) * share;
  });
  return { id: to.id, points };
}
