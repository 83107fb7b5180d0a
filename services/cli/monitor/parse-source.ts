import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { LIMITS } from '#schemas/limits.ts'
import { type VideoSource, videoSourceSchema } from '#schemas/monitor-request.ts'
import { CliError } from '../cli-error.ts'
import { formatBytes } from '../output/quantities.ts'
import { mediaTypeOf } from '../report/local-files.ts'
import { cameraNameOfAddress, tokenOf } from './camera-name.ts'

/** What is to be watched: a clip that has to be uploaded first, or a source that the capture opens itself. */
export type SourceSpec =
  | { kind: 'local'; path: string; bytes: number; mediaType: string }
  | { kind: 'remote'; source: VideoSource }

const SOURCE_FIX =
  'Name a video file, an rtsp:// or http(s):// address, a device like /dev/video0, or scene:NAME[:SEED].'
const SCENE = /^scene:([^:]*)(?::(.*))?$/
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i

/**
 * What stands on the command line: a file, an address, a device, or `scene:NAME[:SEED]`.
 * @throws CliError USAGE, FILE_UNREADABLE
 */
export function parseSource(text: string, folder: string): SourceSpec {
  const scene = SCENE.exec(text)
  if (scene) return parseScene(text, scene[1]!, scene[2])
  if (ADDRESS.test(text)) return parseAddress(text)
  // Whatever is wrong with it, it was meant as a device.
  if (text.startsWith('/dev/')) return checked({ kind: 'device', path: text }, text)
  return parseFile(text, resolve(folder, text))
}

/** A camera's substream: an address or a device. @throws CliError USAGE */
export function parseDetectSource(text: string, folder: string): VideoSource {
  const spec = ADDRESS.test(text) || text.startsWith('/dev/') ? parseSource(text, folder) : undefined
  if (spec?.kind === 'remote') return spec.source
  throw new CliError('USAGE', 'the substream of --detect must be an address or a device', {
    fix: 'Name an rtsp:// or http(s):// address, or a device like /dev/video1.',
  })
}

/** A camera's name made from where its video comes from: one subject token. */
export function cameraNameOf(spec: SourceSpec): string {
  return nameOf(spec) || 'camera'
}

function nameOf(spec: SourceSpec): string {
  if (spec.kind === 'local') return tokenOf(basename(spec.path, extname(spec.path)))
  const { source } = spec
  if (source.kind === 'scene') return tokenOf(source.scenario)
  if (source.kind === 'device') return tokenOf(basename(source.path))
  if (source.kind === 'file') return tokenOf(source.blob.name ?? 'clip')
  return cameraNameOfAddress(source.url)
}

function parseScene(text: string, scenario: string, seed: string | undefined): SourceSpec {
  if (seed === undefined || /^\d+$/.test(seed)) {
    return checked({ kind: 'scene', scenario, ...(seed !== undefined && { seed: Number(seed) }) }, text)
  }
  throw new CliError('USAGE', `${text}: the seed of a scene is a whole number`, {
    fix: `Write it like scene:${scenario}:7.`,
  })
}

function parseAddress(text: string): SourceSpec {
  const spec = checked({ kind: 'url', url: text }, text)
  if (URL.canParse(text)) return spec
  throw new CliError('USAGE', `${withoutPassword(text)}: is no address`, { fix: SOURCE_FIX })
}

function parseFile(text: string, path: string): SourceSpec {
  let stats: Stats
  try {
    stats = statSync(path)
    accessSync(path, constants.R_OK)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const known: Record<string, string> = { ENOENT: 'there is no such file', EACCES: 'may not be read' }
    const reason = known[code ?? ''] ?? messageOf(cause)
    throw new CliError('FILE_UNREADABLE', `${text}: ${reason}`, { cause, fix: SOURCE_FIX })
  }
  const refuse = (reason: string, fix = SOURCE_FIX) => {
    throw new CliError('FILE_UNREADABLE', `${text}: ${reason}`, { fix })
  }
  if (!stats.isFile()) refuse(stats.isDirectory() ? 'is a folder, not a video' : 'is no file')
  if (stats.size === 0) refuse('is empty')
  if (stats.size > LIMITS.blobBytes) {
    refuse(
      `has ${formatBytes(stats.size)}, at most ${formatBytes(LIMITS.blobBytes)} are uploaded`,
      'Serve it over HTTP or RTSP and give its address, or cut it into parts.',
    )
  }
  return { kind: 'local', path, bytes: stats.size, mediaType: mediaTypeOf(path) }
}

function checked(source: unknown, text: string): SourceSpec {
  const parsed = videoSourceSchema.safeParse(source)
  if (parsed.success) return { kind: 'remote', source: parsed.data }
  const isScene = (source as { kind: string }).kind === 'scene'
  throw new CliError(
    'USAGE',
    `${withoutPassword(text)}: ${isScene ? 'is no scene' : (parsed.error.issues[0]?.message ?? 'is no source')}`,
    { fix: isScene ? '`npx murmur scene list` names them: scene:NAME or scene:NAME:SEED.' : SOURCE_FIX },
  )
}

/** Messages end up in logs. Rather hides too much: a password may itself hold a slash or an at sign. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/.*@/s, '//…@')
}
