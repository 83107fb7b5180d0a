import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { readMessage } from '#platform/json/read-message.ts'
import { type StreamBackup, streamBackupSchema } from '#platform/nats/stream-backups.ts'
import { CliError } from '../cli-error.ts'

/** Beside the streams, written last: a folder without it is no backup. */
const MANIFEST = 'manifest.json'
/** One folder a stream with these two, as `nats account backup` writes them: the NATS tools can restore from here, too. */
const ABOUT = 'backup.json'
const ARCHIVE = 'stream.tar.s2'
const FORMAT = 1
const streamNameSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  /** Of the software that made it. */
  version: z.string(),
  natsVersion: z.string(),
  /** Unix milliseconds. */
  startedAtMs: z.int().min(0),
  endedAtMs: z.int().min(0),
  streams: z.array(
    z.object({
      name: streamNameSchema,
      messages: z.int().min(0),
      /** In the stream. */
      bytes: z.int().min(0),
      lastSeq: z.int().min(0),
      /** Of the file. */
      fileBytes: z.int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
})
export type BackupManifest = z.infer<typeof manifestSchema>
export type BackedUpStream = BackupManifest['streams'][number]

/**
 * A backup that is being written: in a folder beside the one that is asked for, which gets its name when everything is on disk. What is
 * interrupted leaves nothing behind.
 */
export class BackupWriter {
  readonly folder: string
  readonly #partial: string
  readonly #streams: BackedUpStream[] = []

  private constructor(folder: string) {
    this.folder = folder
    this.#partial = join(dirname(folder), `.${basename(folder)}.incomplete-${process.pid}`)
  }

  /** @throws CliError FILE_EXISTS when there is something at the path; FILE_UNREADABLE when it can't be written there */
  static async create(folder: string): Promise<BackupWriter> {
    if (existsSync(folder) && (await readdir(folder).catch(() => ['a file'])).length > 0)
      throw new CliError('FILE_EXISTS', `${folder} is there already`, {
        fix: 'Name a folder that is not there; a backup is never written over another one.',
      })
    const writer = new BackupWriter(folder)
    await mkdir(writer.#partial, { recursive: true, mode: 0o700 }).catch((cause: Error) => {
      throw new CliError('FILE_UNREADABLE', `can't write there: ${cause.message}`, { cause })
    })
    return writer
  }

  /** @param copy gives the archive piece by piece, then what the stream was */
  async addStream(
    name: string,
    copy: (write: (chunk: Uint8Array) => Promise<void>) => Promise<StreamBackup>,
  ): Promise<BackedUpStream> {
    const folder = join(this.#partial, name)
    await mkdir(folder, { mode: 0o700 })
    const hash = createHash('sha256')
    let fileBytes = 0
    const about = await withFile(join(folder, ARCHIVE), (file) =>
      copy(async (chunk) => {
        hash.update(chunk)
        fileBytes += chunk.length
        await file.writeFile(chunk)
      }),
    )
    await withFile(join(folder, ABOUT), (file) => file.writeFile(JSON.stringify(about, null, 2)))
    const { messages, bytes, last_seq: lastSeq } = about.state
    const entry = { name, messages, bytes, lastSeq, fileBytes, sha256: hash.digest('hex') }
    this.#streams.push(entry)
    return entry
  }

  /** Puts it in its place. */
  async finish(about: Omit<BackupManifest, 'format' | 'streams'>): Promise<BackupManifest> {
    const manifest: BackupManifest = { format: FORMAT, ...about, streams: this.#streams }
    await withFile(join(this.#partial, MANIFEST), (file) => file.writeFile(JSON.stringify(manifest, null, 2)))
    // An empty folder may be there.
    await rm(this.folder, { recursive: false, force: true }).catch(() => undefined)
    await rename(this.#partial, this.folder)
    return manifest
  }

  /** Takes away what was written. */
  async abandon(): Promise<void> {
    await rm(this.#partial, { recursive: true, force: true })
  }
}

/** A backup that is complete and as it was written. */
export interface ReadableBackup {
  readonly manifest: BackupManifest
  about(stream: string): Promise<StreamBackup>
  chunks(stream: string): AsyncIterable<Uint8Array>
}

/**
 * Opens a backup and compares every byte with its manifest.
 * @param onBytes told how many bytes were read
 * @throws CliError BACKUP_UNUSABLE: no backup, of a later format, incomplete or changed since
 */
export async function openBackup(
  folder: string,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<ReadableBackup> {
  const manifest = await readManifest(folder)
  for (const { name, fileBytes, sha256 } of manifest.streams) {
    const path = join(folder, name, ARCHIVE)
    const size = await stat(path).then(
      ({ size }) => size,
      () => undefined,
    )
    if (size !== fileBytes)
      throw unusable(`${path} has ${size ?? 'no'} bytes, its manifest says ${fileBytes}`)
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk as Uint8Array)
      onBytes((chunk as Uint8Array).length)
    }
    if (hash.digest('hex') !== sha256) throw unusable(`${path} is not as it was written: its SHA-256 differs`)
  }
  return {
    manifest,
    about: (stream) => readAbout(join(folder, stream, ABOUT), stream),
    chunks: (stream) => createReadStream(join(folder, stream, ARCHIVE), { highWaterMark: 128 * 1024 }),
  }
}

async function readManifest(folder: string): Promise<BackupManifest> {
  const path = join(folder, MANIFEST)
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw unusable(`${folder} is no backup: ${cause.message}`, cause)
  })
  const manifest = readMessage(text, manifestSchema)
  if (!manifest) throw unusable(`${path} is not a manifest of format ${FORMAT}`)
  return manifest
}

async function readAbout(path: string, stream: string): Promise<StreamBackup> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw unusable(`can't read ${path}: ${cause.message}`, cause)
  })
  const about = readMessage(text, streamBackupSchema)
  if (about?.config.name !== stream) throw unusable(`${path} does not describe the stream ${stream}`)
  return about
}

function unusable(message: string, cause?: unknown): CliError {
  return new CliError('BACKUP_UNUSABLE', message, { cause })
}

/** A new file, on disk when this resolves. */
async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'wx', 0o600)
  try {
    const result = await work(file)
    await file.sync()
    return result
  } finally {
    await file.close()
  }
}
