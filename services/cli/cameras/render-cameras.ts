import type { CameraView, CameraViewStatus } from '#schemas/camera-view.ts'
import { stillShare } from '#schemas/camera-words.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'

const COLUMNS: readonly TableColumn[] = [
  { title: 'camera' },
  { title: 'state' },
  { title: 'for', align: 'right' },
  { title: 'fps', align: 'right' },
  { title: 'analysed', align: 'right' },
  { title: 'lag', align: 'right' },
  { title: 'dropped', align: 'right' },
  { title: 'still', align: 'right' },
  { title: 'reads' },
  { title: 'decoding' },
  { title: 'model' },
  { title: 'why', flexible: true },
]

export const STATUS_STYLES: Record<CameraViewStatus, keyof Paint> = {
  live: 'green',
  lagging: 'yellow',
  connecting: 'yellow',
  waiting: 'yellow',
  blind: 'red',
  unwatched: 'red',
  offline: 'red',
  ended: 'dim',
}

/** A line a camera, and their sum. `nowMs`: of the clock that the views are told by. Pure. */
export function renderCameras(
  cameras: readonly CameraView[],
  { total, nowMs, paint, width }: { total: number; nowMs: number; paint: Paint; width?: number | undefined },
): string[] {
  const rows = cameras.map((camera) => rowOf(camera, nowMs))
  const left = total - cameras.length
  return [
    ...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }),
    '',
    `${count(total, 'camera')}: ${statusSums(cameras, paint)}${left > 0 ? `, and ${left} more` : ''}`,
  ]
}

/** `12 live, 3 blind`. Pure. */
export function statusSums(cameras: readonly { status: CameraViewStatus }[], paint: Paint): string {
  const counts = new Map<CameraViewStatus, number>()
  for (const { status } of cameras) counts.set(status, (counts.get(status) ?? 0) + 1)
  const sums = [...counts].toSorted(([, a], [, b]) => b - a)
  return sums.map(([status, n]) => paint[STATUS_STYLES[status]](`${n} ${status}`)).join(', ')
}

function rowOf(view: CameraView, nowMs: number): Cell[] {
  const { camera, status, sinceMs, fps, analysedFps, frames, model, reason, cuts = 0, site } = view
  const dropped = frames.droppedAtCapture + frames.droppedAtDetection
  const why = [
    ...(site === undefined ? [] : [`site ${site}`]),
    ...(reason === undefined ? [] : [reason]),
    ...(cuts > 0 ? [`backlog cut ${count(cuts, 'time')}`] : []),
    ...mainStreamTrouble(view),
    ...[view.modelWarning, view.input?.note].flatMap((note) => note ?? []),
  ]
  return [
    { text: printable(camera), style: 'bold' },
    { text: status, style: STATUS_STYLES[status] },
    { text: formatDuration(Math.max(0, nowMs - sinceMs)) },
    { text: fps.toFixed(1) },
    { text: analysedFps === undefined ? '' : analysedFps.toFixed(1) },
    { text: lagText(view) },
    {
      text:
        frames.decoded === 0 ? '' : `${((100 * dropped) / frames.decoded).toFixed(dropped > 0 ? 1 : 0)} %`,
    },
    { text: stillShare(frames) },
    { text: view.detectStream ?? '', style: 'dim' },
    { text: printable(view.decoding?.method ?? ''), style: 'dim' },
    { text: printable(model ?? ''), style: 'dim' },
    { text: printable(why.join('; ')) },
  ]
}

function mainStreamTrouble({ mainStream }: CameraView): string[] {
  if (!mainStream) return []
  const { status, reason, warning } = mainStream
  const state = status === 'live' ? [] : [`main stream ${status}${reason ? `: ${reason}` : ''}`]
  return [...state, ...(warning ? [warning] : [])]
}

/** How old its pictures are when something was seen in them, or when they are decoded, whichever is older. Pure. */
function lagText({ status, lagMs, ageMs }: CameraView): string {
  if (status !== 'live' && status !== 'lagging' && status !== 'blind') return ''
  const oldest = Math.max(lagMs ?? 0, status === 'blind' ? 0 : (ageMs ?? 0))
  if (lagMs === undefined && ageMs === undefined) return ''
  return oldest < 1000 ? `${Math.round(oldest)} ms` : `${(oldest / 1000).toFixed(1)} s`
}
