/** A measure over the time of a run. */
export interface Series {
  readonly name: string
  readonly unit: 'MiB' | 'messages' | 'keys'
  /** One a sample. */
  readonly values: readonly number[]
}

export interface Flatness {
  name: string
  unit: Series['unit']
  /** Medians of the second and of the last quarter of the run: the first one is when everything fills. */
  before: number
  after: number
  max: number
  isFlat: boolean
}

/** What grows by no more than this from the second quarter to the last is flat; memory of a process breathes as much. */
const GROWTH = 1.25
/** Growth that is less than this says nothing, however small the measure was. */
const LEAST: Record<Series['unit'], number> = { MiB: 16, messages: 5000, keys: 5000 }

/** Whether something has stopped growing. Pure. */
export function flatnessOf({ name, unit, values }: Series): Flatness {
  const quarter = Math.max(1, Math.floor(values.length / 4))
  const before = median(values.slice(quarter, 2 * quarter))
  const after = median(values.slice(-quarter))
  const isFlat = after <= before * GROWTH || after - before <= LEAST[unit]
  return {
    name,
    unit,
    before: rounded(before),
    after: rounded(after),
    max: rounded(Math.max(0, ...values)),
    isFlat,
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
