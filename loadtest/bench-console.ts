import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { round } from './bench/measure.ts'
import { ConsoleStack } from './console/console-stack.ts'
import { APART_MS, fillStore, runSeeds } from './console/fill-store.ts'
import { measureFanOut } from './console/measure-fan-out.ts'
import { measureFirstPicture, measureFirstRoute } from './console/measure-list.ts'
import { measureLongList } from './console/measure-long-list.ts'
import { measureNight } from './console/measure-night.ts'
import { measureReconnects } from './console/measure-reconnects.ts'
import { measureUpdates } from './console/measure-updates.ts'
import { judge, type Verdict, verdictLine } from './console/verdicts.ts'

/**
 * `npm run bench:console`: the built console in a Chromium without a window, on a real stack, against its budgets. Everything runs on this
 * machine: servers, services, agents, generator and browser. Ends with 1 where a budget does not hold.
 *
 *   --tasks 100000  in the list, real ones put into the store by its own writer      --rows 1000000  in the list that is gone through; 0: none
 *   --items 10000   of the list of the fan-out      --night 200000  events while a tab is open      --seconds 15  of events, and of cut connections
 *   --only NAME[,…] first-route, first-picture, updates, frames, fan-out, reconnects, night, rows      --smoke  small, to see that it runs      --json FILE
 */
const NAMES = [
  'first-route',
  'first-picture',
  'updates',
  'frames',
  'fan-out',
  'reconnects',
  'night',
  'rows',
] as const
const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    rows: { type: 'string', default: '1000000' },
    items: { type: 'string', default: '10000' },
    night: { type: 'string', default: '200000' },
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const SMOKE = { tasks: 2000, rows: 4000, items: 300, night: 3000, seconds: 4, rounds: 1 }
const sizes = values.smoke
  ? SMOKE
  : {
      tasks: Number(values.tasks),
      rows: Number(values.rows),
      items: Number(values.items),
      night: Number(values.night),
      seconds: Number(values.seconds),
      rounds: Number(values.rounds),
    }
const FIRST_ROUTE_KIB = 150
const FIRST_PICTURE_MS = 1000
const UPDATE_MS = 200
/** A change every now and then; the rate that the page has to bear. Events a second. */
const FEW_EVENTS = 40
const MANY_EVENTS = 200
/** What a screen of 60 Hz shows, less one frame in thirty: timers of a machine that does all else, too. */
const MIN_FPS = 58
const NIGHT_MB = 300
/** Growth over the second half of the night that says nothing. MB. */
const FLAT_MB = 5
const CUTS = 6
/** Of a list that is dragged through, more than this is another place. Share of the whole. */
const MAX_OFF_BY = 0.02
/** Pages that a dozen jumps may take: far fewer than the list has. */
const MAX_PAGES = 100

const only = values.only?.split(',')
const isWanted = (name: (typeof NAMES)[number]) => only === undefined || only.includes(name)
const say = (line: string) => process.stderr.write(`${line}\n`)
const verdicts: Verdict[] = []
const result: Record<string, unknown> = { sizes }
function told(name: string, figures: unknown, ...judged: Verdict[]): void {
  result[name] = figures
  say(`${name}: ${JSON.stringify(figures)}`)
  for (const verdict of judged) say(`  ${verdictLine(verdict)}`)
  verdicts.push(...judged)
}

const stack = await ConsoleStack.start(say)
try {
  const startedMs = performance.now()
  const since = () => `${round((performance.now() - startedMs) / 1000)} s`
  const seeds = await runSeeds(stack)
  const newestMs = Date.now() - 60_000
  await fillStore(stack, seeds, { tasks: sizes.tasks, beforeMs: newestMs })
  say(`${sizes.tasks} tasks are there after ${since()}`)
  if (isWanted('first-route')) {
    const { bytes, files } = await measureFirstRoute(stack)
    const kib = round(bytes / 1024)
    told('firstRoute', { kib, files }, judge('first route, gzip', kib, 'at most', FIRST_ROUTE_KIB, 'KiB'))
  }
  if (isWanted('first-picture')) {
    const figures = await measureFirstPicture(stack, sizes.rounds)
    const what = `first picture of ${sizes.tasks} tasks, median of ${sizes.rounds}`
    told('firstPicture', figures, judge(what, figures.medianMs, 'at most', FIRST_PICTURE_MS))
  }
  if (isWanted('updates')) {
    const figures = await measureUpdates(stack, { eventsPerSecond: FEW_EVENTS, seconds: sizes.seconds })
    told(
      'updates',
      figures,
      judge(`update shown at ${FEW_EVENTS} events/s, p95`, figures.p95Ms, 'at most', UPDATE_MS),
    )
  }
  if (isWanted('frames')) {
    const figures = await measureUpdates(stack, { eventsPerSecond: MANY_EVENTS, seconds: sizes.seconds })
    told(
      'frames',
      figures,
      judge(`update shown at ${MANY_EVENTS} events/s, p95`, figures.p95Ms, 'at most', UPDATE_MS),
      judge(`frames at ${MANY_EVENTS} events/s`, figures.frames.fps, 'at least', MIN_FPS, 'fps'),
    )
  }
  if (isWanted('fan-out')) {
    const figures = await measureFanOut(stack, sizes.items, Math.min(3, sizes.rounds))
    told(
      'fanOut',
      figures,
      judge(`fan-out of ${sizes.items} opened`, figures.openMs, 'at most', FIRST_PICTURE_MS),
    )
  }
  if (isWanted('reconnects')) {
    const figures = await measureReconnects(stack, { cuts: CUTS, seconds: sizes.seconds, perSecond: 20 })
    const wrong =
      figures.rowsLost + figures.rowsDoubled + figures.rowsWrong + figures.eventsLost + figures.eventsDoubled
    told(
      'reconnects',
      figures,
      judge(`lost, doubled or wrong after ${figures.cuts} cuts`, wrong, 'at most', 0, ''),
    )
  }
  if (isWanted('night')) {
    const figures = await measureNight(stack, sizes.night, say)
    const what = `a tab after ${figures.events} events`
    told(
      'night',
      figures,
      judge(`${what}, heap`, figures.maxMb, 'at most', NIGHT_MB, 'MB'),
      judge(`${what}, process`, figures.privateMb.max, 'at most', NIGHT_MB, 'MB'),
      judge(`${what}, heap grown in the second half`, figures.grownMb, 'at most', FLAT_MB, 'MB'),
    )
  }
  if (isWanted('rows') && sizes.rows > 0) {
    const more = Math.max(0, sizes.rows - sizes.tasks)
    await fillStore(stack, seeds, { tasks: more, beforeMs: newestMs - sizes.tasks * APART_MS })
    say(`${sizes.rows} tasks are there after ${since()}`)
    const figures = await measureLongList(stack)
    const what = `list of ${sizes.rows} rows`
    told(
      'rows',
      figures,
      judge(
        `${what}, End to the oldest`,
        figures.isOldest ? figures.endMs : Number.NaN,
        'at most',
        FIRST_PICTURE_MS,
      ),
      judge(`${what}, slowest drag`, figures.dragsMs.max, 'at most', FIRST_PICTURE_MS),
      judge(`${what}, off by`, figures.offBy, 'at most', MAX_OFF_BY, 'of the whole'),
      judge(`${what}, pages read`, figures.pages, 'at most', MAX_PAGES, ''),
      judge(`${what}, heap`, figures.heapMb, 'at most', NIGHT_MB, 'MB'),
    )
  }
  result.seconds = round((performance.now() - startedMs) / 1000)
  result.machine = {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: round(totalmem() / 2 ** 30),
  }
  result.verdicts = verdicts
  if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
  process.stdout.write(`${verdicts.map(verdictLine).join('\n')}\n`)
  process.exitCode = verdicts.every(({ holds }) => holds) ? 0 : 1
} finally {
  await stack.stop()
}
