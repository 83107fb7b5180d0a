import type { PresentCell } from './missing-marks.ts'

/** A second figure beside the first, which says how sure it is or what share: `12.5 ± 0.2`, `45 (32 %)`, `1.2 [0.9, 1.5]`. */
export type Companion = 'plus-minus' | 'brackets'

const NUMBER = "[+\\-−]?\\d[\\d.,'’]*"
const SHAPES: Readonly<Record<Companion, RegExp>> = {
  'plus-minus': new RegExp(`^(${NUMBER})\\s*(?:±|\\+\\/-|\\+-)\\s*\\d[\\d.,]*(\\s*[^\\d\\s].{0,10})?$`),
  brackets: new RegExp(
    `^(${NUMBER}\\s?%?)\\s*[([]\\s*[<>~]?${NUMBER}\\s?%?(?:\\s*(?:[,;–—-]|to|bis|\\.\\.)\\s*${NUMBER}\\s?%?)?\\s*[)\\]]$`,
  ),
}
const MIN_SHARE = 0.8

/** Which kind of second figure most cells have. Pure. */
export function companionOf(texts: readonly string[]): Companion | undefined {
  const enough = (shape: RegExp) =>
    texts.filter((cell) => shape.test(cell)).length >= MIN_SHARE * texts.length
  return texts.length === 0
    ? undefined
    : (['plus-minus', 'brackets'] as const).find((kind) => enough(SHAPES[kind]))
}

/** The first figure with its unit. Pure. */
export function withoutCompanion(cell: string, companion: Companion): string {
  const found = SHAPES[companion].exec(cell)
  return found ? `${found[1]}${found[2] ?? ''}`.trim() : cell
}

/** What to say of the figures that were left out. Pure. */
export function companionLosses(
  name: string,
  cells: readonly (PresentCell | null)[],
  companion: Companion,
): string[] {
  const count = cells.reduce<number>(
    (sum, cell) => sum + (typeof cell === 'string' && SHAPES[companion].test(cell) ? 1 : 0),
    0,
  )
  const where = companion === 'plus-minus' ? 'behind ±' : 'in brackets'
  return count === 0
    ? []
    : [
        `"${name}": the second figures ${where} of ${count === 1 ? '1 cell' : `${count} cells`} were left out.`,
      ]
}
