import type { ClassScores } from '#schemas/model-names.ts'
import type { WantedClass } from './object-classes.ts'

/** From which score on each class of a network is believed. */
export interface ScoreThresholds {
  /** The lowest of all: what is below needs no further look. */
  readonly lowest: number
  of(wanted: WantedClass): number
}

/**
 * The narrowest word counts: of a label before that of a class, of a monitor before that of a model. A monitor that says one score
 * for everything means everything. Pure.
 */
export function scoreThresholds(
  wanted: readonly WantedClass[],
  model: { minScore: number; scores?: ClassScores | undefined },
  monitor: { minScore?: number | undefined; scores?: ClassScores | undefined },
): ScoreThresholds {
  const own = monitor.scores ?? {}
  const theirs = monitor.minScore === undefined ? (model.scores ?? {}) : {}
  const common = monitor.minScore ?? model.minScore
  const of = ({ label, class: objectClass }: WantedClass) =>
    own[label] ?? own[objectClass] ?? theirs[label] ?? theirs[objectClass] ?? common
  const byIndex = new Map(wanted.map((each) => [each.index, of(each)]))
  return { lowest: Math.min(...byIndex.values()), of: ({ index }) => byIndex.get(index) ?? common }
}
