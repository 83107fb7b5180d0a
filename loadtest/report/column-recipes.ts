/** Uniform numbers in [0, 1). */
export type Random = () => number

/** A column of the seeded table: its name, and its cell in a row as CSV has it. */
export interface ColumnRecipe {
  name: string
  cell(row: number, random: Random): string
}

const START_MS = Date.UTC(2020, 0, 1)
const MINUTE_MS = 60_000
const DAY_ROWS = 1440
const REGIONS = ['North', 'South', 'East', 'West', 'Centre', 'Overseas']
const CHANNELS = ['web', 'shop', 'phone', '']
const TIERS = ['basic', 'plus', 'premium']
const PRODUCTS = Array.from({ length: 40 }, (_, i) => `product-${String(i + 1).padStart(2, '0')}`)
const WORDS =
  'order came late again but the box was fine and staff helped us quickly with a new one today thanks'.split(
    ' ',
  )

/** A table as shops keep it: time, ids, categories, measures with missing cells, some text. All names differ. */
const RECIPES: readonly ColumnRecipe[] = [
  { name: 'time', cell: stamp },
  { name: 'order_id', cell: (row) => String(row + 1) },
  { name: 'customer', cell: (_, random) => `C${Math.floor(random() * 50_000)}` },
  { name: 'region', cell: (_, random) => pick(REGIONS, random) },
  { name: 'product', cell: (_, random) => pick(PRODUCTS, random) },
  { name: 'returned', cell: (_, random) => (random() < 0.04 ? 'yes' : 'no') },
  { name: 'quantity', cell: (_, random) => String(1 + Math.floor(-Math.log(1 - random()) * 2)) },
  { name: 'price', cell: (_, random) => hundredths(Math.exp(3 + 0.7 * normal(random))) },
  { name: 'discount', cell: (_, random) => (random() < 0.3 ? '' : hundredths(random() * 0.4)) },
  {
    name: 'temperature',
    cell: (row, random) => tenths(12 + 6 * Math.sin((row / DAY_ROWS) * 2 * Math.PI) + 2 * normal(random)),
  },
  { name: 'rating', cell: (_, random) => String(1 + Math.floor(5 * Math.sqrt(random()))) },
  { name: 'comment', cell: (_, random) => (random() < 0.6 ? '' : words(random)) },
  { name: 'channel', cell: (_, random) => pick(CHANNELS, random) },
  { name: 'tier', cell: (_, random) => pick(TIERS, random) },
  { name: 'zip', cell: (_, random) => String(Math.floor(random() * 90_000)).padStart(5, '0') },
  { name: 'delivery_hours', cell: (_, random) => tenths(24 + 200 * random() ** 8 + 3 * normal(random)) },
]

/** The first `count` columns; beyond those of the shop, measures with 2 % missing cells. Pure. */
export function recipesOf(count: number): ColumnRecipe[] {
  return Array.from({ length: count }, (_, i) => RECIPES[i] ?? measure(`measure_${i + 1}`, i))
}

function measure(name: string, i: number): ColumnRecipe {
  return { name, cell: (_, random) => (random() < 0.02 ? '' : hundredths(10 * i + 5 * normal(random))) }
}

function stamp(row: number): string {
  const text = new Date(START_MS + row * MINUTE_MS).toISOString()
  return `${text.slice(0, 10)} ${text.slice(11, 19)}`
}

function pick(values: readonly string[], random: Random): string {
  return values[Math.floor(random() * values.length)]!
}

function words(random: Random): string {
  const from = Math.floor(random() * WORDS.length)
  return WORDS.slice(from, from + 2 + Math.floor(random() * 6)).join(' ')
}

/** Box–Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function hundredths(value: number): string {
  return String(Math.round(value * 100) / 100)
}

function tenths(value: number): string {
  return String(Math.round(value * 10) / 10)
}
