import { readFileSync } from 'node:fs'
import { round, until } from '../bench/measure.ts'
import type { ConsoleStack } from './console-stack.ts'
import { chainOf } from './measure-updates.ts'
import { type HeapFigures, heapFigures } from './verdicts.ts'

/** Samples of the heap over the run. */
const SAMPLES = 12
const UNDER_WAY = 64
/** Of each task: many events for one that is submitted. */
const STEPS = 12
const END_TIMEOUT_MS = 120_000

export interface NightFigures extends HeapFigures {
  /** Of the tasks that were run meanwhile. */
  readonly events: number
  readonly seconds: number
  /** What the process of the page has for itself alone, as browsers tell it. MB. */
  readonly privateMb: { readonly first: number; readonly max: number; readonly last: number }
  readonly elements: { readonly first: number; readonly last: number }
  readonly heapsMb: readonly number[]
}

/** A tab with the list of tasks, open while as many events come as in a night: what its page has in use, all garbage collected. */
export async function measureNight(
  stack: ConsoleStack,
  wanted: number,
  say: (line: string) => void,
): Promise<NightFigures> {
  const others = new Set(await stack.rendererPids())
  const { page, cdp, close } = await stack.openTab()
  await page.goto(`${stack.url}/tasks`)
  await page.locator('.table-row[data-key]').first().waitFor()
  const pids = (await stack.rendererPids()).filter((pid) => !others.has(pid))
  await cdp.send('HeapProfiler.enable')
  const heaps: number[] = []
  const memories: number[] = []
  const elements: number[] = []
  const sample = async () => {
    await cdp.send('HeapProfiler.collectGarbage')
    await cdp.send('HeapProfiler.collectGarbage')
    heaps.push((await cdp.send('Runtime.getHeapUsage')).usedSize)
    memories.push(round(pids.reduce((sum, pid) => sum + privateMb(pid), 0)))
    elements.push(await page.evaluate(() => document.querySelectorAll('*').length))
  }
  await sample()
  let events = 0
  let ended = 0
  let wake = () => {}
  const end = stack.bus.subscribe('tasks.events.plan.*.*', ({ subject }) => {
    events++
    if (/\.(completed|failed)$/.test(subject)) {
      ended++
      wake()
    }
  })
  const startedMs = performance.now()
  const body = chainOf(STEPS, 'night')
  let sent = 0
  const failures: Error[] = []
  for (let n = 1; n <= SAMPLES; n++) {
    while (events < (wanted * n) / SAMPLES && failures.length === 0) {
      if (sent - ended >= UNDER_WAY) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      sent++
      stack.ask('/v1/tasks', body).catch((error: Error) => {
        failures.push(error)
        wake()
      })
    }
    if (failures[0]) throw failures[0]
    await sample()
    say(`  ${events} events: heap ${round(heaps.at(-1)! / 1e6)} MB, process ${memories.at(-1)} MB`)
  }
  const seconds = round((performance.now() - startedMs) / 1000)
  await until('the last tasks', () => ended >= sent, END_TIMEOUT_MS)
  end()
  await close()
  return {
    ...heapFigures(heaps),
    events,
    seconds,
    privateMb: { first: memories[0]!, max: Math.max(...memories), last: memories.at(-1)! },
    elements: { first: elements[0]!, last: elements.at(-1)! },
    heapsMb: heaps.map((bytes) => round(bytes / 1e6)),
  }
}

/** Memory that a process shares with no other: what a browser calls its footprint. MB (10^6 bytes). Linux. */
function privateMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  return round(((kib('RssAnon') + kib('VmSwap')) * 1024) / 1e6)
}
