import type { TaskAccepted } from '#schemas/log-event.ts'
import { Dice } from '../chaos/campaign/dice.ts'
import { acceptedTask } from '../support/random-plan.ts'
import { drawPlan, SIGNAL_NAMES } from './random-steps.ts'

/** What goes wrong. Chances from 0 to 1, until the moment at which all of it heals. */
export interface Troubles {
  publish: {
    /** The message never gets there. */
    dropped: number
    doubled: number
    /** It gets there, and its sender does not hear of it. */
    unanswered: number
    /** It takes so long that others overtake it. */
    late: number
  }
  owner: {
    /** The answer to a commit is lost. */
    commitUnanswered: number
    /** Dies between a commit and what is to be sent for it. */
    dies: number
    /** Another one takes over while it goes on. */
    replaced: number
    /** Stands still between what it has folded and its commit. */
    stalls: number
    /** How often the store forgets its last commits, or everything: in the whole run. */
    storeLosses: number
    /** How far the owners' clocks are ahead. Milliseconds. */
    clockAheadMs: number
  }
  agent: {
    /** Takes a step and dies, or never answers. */
    silent: number
    /** Answers after its time. */
    slow: number
    crashes: number
    released: number
    /** Outcomes; these do not heal. */
    retries: number
    fails: number
    stored: number
  }
}

/** What a client wants of its task after so long. Milliseconds. */
export type Wish = { afterMs: number } & (
  | { what: 'pause' | 'resume' | 'cancel' | 'submit' }
  | { what: 'answer'; approves: boolean }
  | { what: 'signal'; name: string; id: string }
)

export interface Submission {
  atMs: number
  accepted: TaskAccepted
  wishes: Wish[]
}

/** Everything that a seed decides beforehand; what happens in between is drawn from dice of their own. */
export interface World {
  seed: number
  submissions: Submission[]
  troubles: Troubles
  /** Since the start. Milliseconds. */
  healsAfterMs: number
}

export const PARTITIONS = 2
const KEEP_FINISHED_MS = 400 * 24 * 3600 * 1000

export function drawWorld(seed: number): World {
  const dice = new Dice(seed)
  const submissions = Array.from({ length: dice.between(1, 3) }, (_, i) => drawSubmission(dice.split(), i))
  return { seed, submissions, troubles: drawTroubles(dice), healsAfterMs: dice.between(0, 30_000) }
}

function drawSubmission(dice: Dice, index: number): Submission {
  const accepted = acceptedTask({
    v: 2,
    taskId: `task-${index}-${dice.between(0, 99)}`,
    keepFinishedMs: KEEP_FINISHED_MS,
    plan: drawPlan(dice),
    input: { yes: dice.happens(0.6), list: [3, 1, 2] },
    deadlineMs: dice.happens(0.25) ? dice.between(50, 5000) : dice.between(60_000, 600_000),
    delayMs: dice.happens(0.15) ? dice.between(1, 3000) : 0,
  })
  return { atMs: dice.between(0, 500), accepted, wishes: drawWishes(dice) }
}

function drawWishes(dice: Dice): Wish[] {
  const wishes: Wish[] = []
  const when = () => (dice.happens(0.7) ? dice.between(0, 6000) : dice.between(0, 60_000))
  if (dice.happens(0.15)) wishes.push({ what: 'submit', afterMs: when() })
  if (dice.happens(0.15)) wishes.push({ what: 'cancel', afterMs: when() })
  for (let n = dice.happens(0.3) ? dice.between(1, 3) : 0; n > 0; n--) {
    const pausesAfterMs = when()
    wishes.push({ what: 'pause', afterMs: pausesAfterMs })
    if (dice.happens(0.95))
      wishes.push({ what: 'resume', afterMs: pausesAfterMs + dice.between(1, dice.pick([500, 20_000])) })
  }
  for (let n = dice.between(0, 5); n > 0; n--)
    wishes.push({
      what: 'signal',
      afterMs: when(),
      name: dice.pick(SIGNAL_NAMES),
      id: `s${dice.between(0, 9)}`,
    })
  for (let n = dice.between(0, 4); n > 0; n--)
    wishes.push({ what: 'answer', afterMs: when(), approves: dice.happens(0.7) })
  return wishes
}

function drawTroubles(dice: Dice): Troubles {
  // Some worlds are quiet in some ways: so each trouble is seen alone, too.
  const chance = (max: number) => (dice.happens(0.3) ? 0 : (dice.between(0, 100) / 100) * max)
  return {
    publish: { dropped: chance(0.15), doubled: chance(0.5), unanswered: chance(0.2), late: chance(0.3) },
    owner: {
      commitUnanswered: chance(0.15),
      dies: chance(0.04),
      replaced: chance(0.06),
      stalls: chance(0.2),
      storeLosses: dice.happens(0.5) ? dice.between(1, 3) : 0,
      clockAheadMs: dice.happens(0.3) ? dice.between(0, 1800) : 0,
    },
    agent: {
      silent: chance(0.15),
      slow: chance(0.15),
      crashes: chance(0.08),
      released: chance(0.15),
      retries: chance(0.25),
      fails: chance(0.1),
      stored: chance(0.6),
    },
  }
}

/** The world once everything heals: agents still have outcomes of all kinds. */
export function healed(troubles: Troubles): Troubles {
  return {
    publish: { dropped: 0, doubled: 0, unanswered: 0, late: 0 },
    owner: { commitUnanswered: 0, dies: 0, replaced: 0, stalls: 0, storeLosses: 0, clockAheadMs: 0 },
    agent: { ...troubles.agent, silent: 0, slow: 0 },
  }
}
