import type { Command } from 'commander'
import {
  type CountedFalsePositive,
  markFalsePositiveRequestSchema,
  removeFalsePositiveRequestSchema,
} from '#schemas/false-positive.ts'
import { cameraSchema } from '#schemas/monitor-request.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { checkedBy } from '../commands/arguments.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import { withClient } from '../session/session.ts'
import { userName } from '../user-name.ts'

const { id: alertId, note: noteSchema } = markFalsePositiveRequestSchema.shape
const { id: falsePositiveId } = removeFalsePositiveRequestSchema.shape

const COLUMNS: readonly TableColumn[] = [
  { title: 'false positive' },
  { title: 'camera' },
  { title: 'taken for' },
  { title: 'where' },
  { title: 'age', align: 'right' },
  { title: 'by' },
  { title: 'suppressed', align: 'right' },
  { title: 'note', flexible: true },
]

interface ListOptions {
  camera?: string
  remove?: string
}

/** `alerts not-this` and `alerts false-positives` */
export function addFalsePositives(alerts: Command, run: Run): void {
  alerts
    .command('not-this')
    .description('say that what an alert is about is none: what looks like it in its place is not told again')
    .argument('<id>', 'id of the alert', checkedBy(alertId))
    .option('--note <text>', 'kept with it', checkedBy(noteSchema.unwrap()))
    .action((id: string, options: { note?: string }) => run((context) => mark(context, id, options)))
  alerts
    .command('false-positives')
    .description('list what cameras have learned not to tell, and how often they would have')
    .option('--camera <name>', 'only of this camera', checkedBy(cameraSchema))
    .option('--remove <id>', 'forget one: it is told again', checkedBy(falsePositiveId))
    .action((options: ListOptions) =>
      run((context) =>
        options.remove === undefined ? list(context, options) : remove(context, options.remove),
      ),
    )
}

async function mark(context: CliContext, id: string, { note }: { note?: string }): Promise<ExitCode> {
  const request = { id, by: userName(), ...(note !== undefined && { note }) }
  const falsePositive = await withClient(context, ({ video }) => video.markFalsePositive(request))
  if (context.json) context.terminal.printJson({ falsePositive })
  else
    context.terminal.log(
      `Learned: what looks like this ${falsePositive.class} in its place is not told by ${falsePositive.camera} any more. Alert ${id} is resolved.`,
      `To take that back: murmur alerts false-positives --remove ${falsePositive.id}`,
    )
  return EXIT.ok
}

async function remove(context: CliContext, id: string): Promise<ExitCode> {
  const falsePositive = await withClient(context, ({ video }) => video.removeFalsePositive(id))
  if (context.json) context.terminal.printJson({ falsePositive })
  else context.terminal.log(`Forgotten: ${falsePositive.camera} tells it again.`)
  return EXIT.ok
}

async function list(context: CliContext, { camera }: ListOptions): Promise<ExitCode> {
  const { clock, json, terminal } = context
  const request = camera === undefined ? {} : { camera }
  const found = await withClient(context, ({ video }) => video.falsePositives(request))
  if (json) terminal.printJson(found)
  else if (found.falsePositives.length === 0) terminal.log('No false positives have been learned.')
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = found.falsePositives.map((one) => rowOf(one, clock.nowMs()))
    terminal.print(...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
    if (found.more) terminal.log('There are more: name a camera with --camera.')
  }
  return EXIT.ok
}

function rowOf(one: CountedFalsePositive, nowMs: number): Cell[] {
  const { id, camera, label, box, preset, markedAtMs, by, note, suppressed } = one
  const percent = (share: number) => `${Math.round(share * 100)} %`
  const where = `${percent((box[0] + box[2]) / 2)} across, ${percent(box[3])} down`
  return [
    { text: id },
    { text: camera },
    { text: label },
    { text: preset === undefined ? where : `${where}, view ${preset}` },
    { text: formatDuration(nowMs - markedAtMs), style: 'dim' },
    { text: by ?? 'somebody' },
    { text: `${suppressed} ${suppressed === 1 ? 'time' : 'times'}` },
    { text: note ?? '' },
  ]
}
