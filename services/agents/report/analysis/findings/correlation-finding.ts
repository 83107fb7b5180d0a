import type { Correlation } from '#schemas/relations.ts'

/** A pair of measures that was tested. */
export interface CorrelationFinding {
  correlation: Correlation
  /** Of what lines, seasons and autoregression leave, in a series; of the values themselves elsewhere. */
  tested: number
  /** `together`: the one rises with the other. `hump`: `b` is high or low at both ends of `a`. */
  shape: 'together' | 'hump'
  /** What an observation is: `row`, `moment`, or the column whose values are. */
  unit: string
}
