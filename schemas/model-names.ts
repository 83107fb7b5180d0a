import { z } from 'zod'

/** Names a model. */
export const modelNameSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, {
  error: 'the name of a model must be 1 to 64 characters of A-Z a-z 0-9 . _ -',
})

/** From which score on something is believed: by class (`person`, `vehicle`), or by a label of the network (`bicycle`). */
export const classScoresSchema = z
  .record(z.string().min(1).max(64), z.number().min(0.01).max(0.99))
  .refine((scores) => Object.keys(scores).length <= 100, { error: 'has more than 100 classes' })
export type ClassScores = z.infer<typeof classScoresSchema>

const perSide = z.int().min(1).max(4)
/**
 * Into how many overlapping parts a picture is cut, beside which it is looked at as a whole: small objects are seen that would be
 * a few pixels else. A frame is columns × rows + 1 times the work of one without.
 */
export const tilingSchema = z
  .strictObject({ columns: perSide, rows: perSide })
  .refine(({ columns, rows }) => columns * rows > 1, { error: 'a picture is cut into two parts at least' })
export type Tiling = z.infer<typeof tilingSchema>
