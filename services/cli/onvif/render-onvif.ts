import type { Paint } from '../output/paint.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import type { OnvifDescription, OnvifDevice, OnvifProfile } from './ask-onvif.ts'
import { chooseStreams } from './choose-streams.ts'

interface RenderOptions {
  paint: Paint
  /** Columns of the terminal; unlimited when absent. */
  width?: number
}

const DEVICE_COLUMNS: readonly TableColumn[] = [
  { title: 'host' },
  { title: 'name' },
  { title: 'hardware' },
  { title: 'address', flexible: true },
]
const PROFILE_COLUMNS: readonly TableColumn[] = [
  { title: 'profile' },
  { title: 'codec' },
  { title: 'size', align: 'right' },
  { title: 'fps', align: 'right' },
  { title: 'kbit/s', align: 'right' },
  { title: 'address', flexible: true },
]

/** A line a camera that answered. */
export function renderDevices(devices: readonly OnvifDevice[], options: RenderOptions): string[] {
  const rows = devices.map(({ host, name, hardware, address }): Cell[] => [
    { text: host, style: 'bold' },
    { text: name },
    { text: hardware },
    { text: address, style: 'dim' },
  ])
  return renderTable(DEVICE_COLUMNS, rows, options)
}

/** What a camera gives, the largest picture first, and how to watch it. */
export function renderDescription(
  { manufacturer, model, firmware, profiles }: OnvifDescription,
  options: RenderOptions,
): string[] {
  const about = [manufacturer, model, firmware && `firmware ${firmware}`].filter(Boolean).join(' ')
  const sorted = bySize(profiles)
  const rows = sorted.map((profile): Cell[] => [
    { text: profile.name || profile.token, style: 'bold' },
    { text: profile.codec ?? '' },
    { text: profile.width && profile.height ? `${profile.width} × ${profile.height}` : '' },
    { text: profile.fps === undefined ? '' : String(profile.fps) },
    { text: profile.bitrate === undefined ? '' : String(profile.bitrate) },
    { text: profile.url ?? 'none', style: 'dim' },
  ])
  const snapshot = sorted.find(({ snapshotUrl }) => snapshotUrl !== undefined)?.snapshotUrl
  const watched = watchCommand(profiles)
  return [
    ...(about === '' ? [] : [options.paint.bold(about)]),
    ...renderTable(PROFILE_COLUMNS, rows, options),
    ...(snapshot === undefined ? [] : ['', `  One picture at a time: ${snapshot}`]),
    ...(watched === undefined ? [] : ['', `  Watch it: ${watched}   ({SECRET}: docs/capture.md)`]),
  ]
}

/** With the substream that is best analysed, where there is one. */
function watchCommand(profiles: readonly OnvifProfile[]): string | undefined {
  const chosen = chooseStreams(profiles)
  if (!chosen?.main.url) return undefined
  const detect = chosen.detect?.url === undefined ? '' : ` --detect '${withSecret(chosen.detect.url)}'`
  return `npx murmur monitor '${withSecret(chosen.main.url)}'${detect} --camera NAME`
}

/** The largest picture first. Pure. */
export function bySize(profiles: readonly OnvifProfile[]): OnvifProfile[] {
  const size = ({ width = 0, height = 0 }: OnvifProfile) => width * height
  return profiles.toSorted((a, b) => size(b) - size(a))
}

function withSecret(url: string): string {
  return url.replace('://', '://{SECRET}@')
}
