import type { MonitorRequestInput, VideoSource } from '#schemas/monitor-request.ts'

export interface MonitorForm {
  readonly kind: 'url' | 'device' | 'scene'
  readonly address: string
  readonly scenario: string
  readonly camera: string
  readonly fps: string
  /** Zones, lines and rules as JSON; empty: none. */
  readonly rules: string
}

/** Scenes that can be watched: docs/scenes.md. */
export const SCENES = [
  'yard',
  'street',
  'crowd',
  'intruder',
  'loiterer',
  'crossing',
  'rain',
  'fog',
  'ptz',
] as const
export const EMPTY_MONITOR: MonitorForm = {
  kind: 'url',
  address: '',
  scenario: SCENES[0],
  camera: '',
  fps: '',
  rules: '',
}
const RULE_FIELDS = ['zones', 'lines', 'rules', 'ignore']

/** The request of what was filled in, or what is missing. The edge checks the rest. Pure. */
export function buildMonitorRequest(form: MonitorForm): { request?: MonitorRequestInput; fault?: string } {
  const rules = parseRules(form.rules)
  if ('fault' in rules) return rules
  const source = sourceOf(form)
  const fps = form.fps === '' ? undefined : Number(form.fps)
  if (!source || form.camera === '' || (fps !== undefined && !(fps > 0))) return {}
  return {
    request: {
      source,
      camera: form.camera,
      ...(fps !== undefined && { fps }),
      // A scene is short, and is watched until somebody stops it.
      ...(form.kind === 'scene' && { loop: true }),
      ...rules.value,
    },
  }
}

function sourceOf({ kind, address, scenario }: MonitorForm): VideoSource | undefined {
  const text = address.trim()
  if (kind === 'scene') return { kind, scenario, seed: 1 }
  if (text === '') return undefined
  return kind === 'url' ? { kind, url: text } : { kind, path: text }
}

/** A `--rules` file. Pure. */
export function parseRules(text: string): { value: Partial<MonitorRequestInput> } | { fault: string } {
  if (text.trim() === '') return { value: {} }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { fault: 'is an object with zones, lines and rules' }
    const unknown = Object.keys(value).find((name) => !RULE_FIELDS.includes(name))
    if (unknown !== undefined) return { fault: `"${unknown}" is none of ${RULE_FIELDS.join(', ')}` }
    return { value: value as Partial<MonitorRequestInput> }
  } catch (error) {
    return { fault: (error as Error).message }
  }
}

/** The same as arguments of `murmur`; rules go into a file there. Pure. */
export function commandOf({ kind, address, scenario, camera, fps, rules }: MonitorForm): string[] {
  return [
    'monitor',
    kind === 'scene' ? `scene:${scenario}` : address.trim(),
    ...['--camera', camera],
    ...(fps === '' ? [] : ['--fps', fps]),
    ...(kind === 'scene' ? ['--loop'] : []),
    ...(rules.trim() === '' ? [] : ['--rules', 'rules.json']),
    '--detach',
  ]
}
