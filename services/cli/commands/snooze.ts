import type { Command } from 'commander'
import { z } from 'zod'
import { cameraSchema } from '#schemas/monitor-request.ts'
import { endSnoozeRequestSchema, type Snooze } from '#schemas/snooze.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { userName } from '../user-name.ts'
import { checkedBy, durationOption } from './arguments.ts'

interface AddOptions {
  rule?: string
  for: number
  reason?: string
}

const COLUMNS = [
  { title: 'snooze' },
  { title: 'camera' },
  { title: 'rule' },
  { title: 'ends' },
  { title: 'by' },
  { title: 'reason', flexible: true },
] as const
const idSchema = endSnoozeRequestSchema.shape.id
const ruleSchema = z.string().min(1).max(64)
const reasonSchema = z.string().max(500)

/** `murmur snooze`: who does not want to hear of a camera for a while. */
export function addSnooze(program: Command, run: Run): void {
  const snooze = program
    .command('snooze')
    .description('for a while, tell no sink what a camera raises; its alerts are in the history, marked')
  snooze
    .command('add')
    .description('begin one, with an end')
    .argument('<camera>', 'name of the camera', checkedBy(cameraSchema))
    .option('--rule <id>', 'only this rule; all of the camera unless given', checkedBy(ruleSchema))
    .requiredOption('--for <time>', 'how long, as 30m, 2h or 7d; 30 days at most', durationOption)
    .option('--reason <text>', 'for others', checkedBy(reasonSchema))
    .action((camera: string, options: AddOptions) => run((context) => add(context, camera, options)))
  snooze
    .command('list')
    .description('those that hold, the one that ends next first')
    .option('--camera <name>', 'only of this camera', checkedBy(cameraSchema))
    .option('--ended', 'with those that are over')
    .action((options: { camera?: string; ended?: boolean }) => run((context) => list(context, options)))
  snooze
    .command('end')
    .description('end one before its time')
    .argument('<id>', 'id of the snooze', checkedBy(idSchema))
    .action((id: string) =>
      run(async (context) => {
        const ended = await withClient(context, ({ video }) => video.endSnooze({ id, by: userName() }))
        say(context, ended, `Sinks are told again of ${nameOf(ended)}.`)
        return EXIT.ok
      }),
    )
}

async function add(context: CliContext, camera: string, { for: forMs, ...options }: AddOptions) {
  const request = { camera, forMs, by: userName(), ...options }
  const snooze = await withClient(context, ({ video }) => video.addSnooze(request))
  const end = `\`murmur snooze end ${snooze.id}\` ends it`
  say(context, snooze, `No sink is told of ${nameOf(snooze)} for ${formatDuration(forMs)}; ${end}.`)
  return EXIT.ok
}

async function list(context: CliContext, options: { camera?: string; ended?: boolean }) {
  const { clock, json, terminal } = context
  const snoozes = await withClient(context, ({ video }) => video.snoozes(options))
  if (json) terminal.printJson({ snoozes })
  else if (snoozes.length === 0) terminal.log('Nothing is snoozed.')
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = snoozes.map((snooze) => rowOf(snooze, clock.nowMs()))
    terminal.print(...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
  }
  return EXIT.ok
}

function rowOf(snooze: Snooze, nowMs: number): Cell[] {
  const { id, camera, rule = 'all', untilMs, endedAtMs, endedBy, by, reason = '' } = snooze
  const endMs = endedAtMs ?? untilMs
  const ends =
    endMs > nowMs
      ? `in ${formatDuration(endMs - nowMs)}`
      : `${formatDuration(nowMs - endMs)} ago${endedBy === undefined ? '' : ` by ${printable(endedBy)}`}`
  return [
    { text: id },
    { text: camera },
    { text: rule },
    { text: ends },
    { text: printable(by) },
    { text: printable(reason), style: 'dim' },
  ]
}

function nameOf({ camera, rule }: Snooze): string {
  return rule === undefined ? camera : `${rule} of ${camera}`
}

function say({ json, terminal }: CliContext, snooze: Snooze, text: string): void {
  if (json) terminal.printJson({ snooze })
  else terminal.log(text)
}
