import { InvalidArgumentError } from 'commander'
import { type Tiling, tilingSchema } from '#schemas/model-names.ts'

/** `person=0.5`, given as often as there are classes. @throws InvalidArgumentError */
export function scoreOption(text: string, earlier: Record<string, number> = {}): Record<string, number> {
  const [, name, number] = /^(.{1,64})=([\d.]+)$/.exec(text) ?? []
  const score = Number(number)
  if (name === undefined || !(score >= 0.01 && score <= 0.99))
    throw new InvalidArgumentError('must be a class and a score from 0.01 to 0.99, like person=0.5')
  return { ...earlier, [name.trim()]: score }
}

/** `2x1`: columns and rows. @throws InvalidArgumentError */
export function tilesOption(text: string): Tiling {
  const [, columns, rows] = /^(\d)[x×](\d)$/i.exec(text) ?? []
  const tiling = tilingSchema.safeParse({ columns: Number(columns), rows: Number(rows) })
  if (tiling.success) return tiling.data
  throw new InvalidArgumentError('must be columns x rows, 2x1 to 4x4')
}
