import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { SOFTWARE_VERSION } from '#platform/config/software-version.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { type BlobRef, blobRefSchema } from '#schemas/blob.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { type CapsuleObject, encodeCapsule, openCapsule } from '../../orchestrator/history/capsule.ts'
import type { ArchivedEvent } from '../../orchestrator/history/event-line.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { KEEP_FINISHED_MS, payloadKeysOf } from '../history/open-archive.ts'
import { count, formatBytes } from '../output/quantities.ts'
import { printable } from '../output/terminal-text.ts'
import { openTarget } from '../session/session.ts'
import { checkedBy } from './arguments.ts'
import { eventsOfTask } from './history.ts'

interface CapsuleOptions {
  archive?: string
  out?: string
  force?: boolean
  objects: boolean
}

/** All objects of a capsule together. Bytes. */
const MAX_OBJECT_BYTES = 256 * 1024 * 1024

/** `murmur capsule`: one task as one file, and such a file opened. */
export function addCapsule(program: Command, run: Run): void {
  const capsule = program
    .command('capsule')
    .description('one task as one file: its log, its objects, the versions; opened anywhere, without a stack')
    .argument('<task>', 'id of a task that the archive has', checkedBy(taskIdSchema))
    .option('--out <file>', 'where it goes (default: TASK.capsule.zst in this folder)')
    .option('--force', 'also over a file that is there')
    .option('--no-objects', 'without the objects that it refers to, which the stack is asked for')
    .option(
      '--archive <place>',
      'a folder or s3://bucket/prefix (default: MURMUR_ARCHIVE, or that of this machine)',
    )
    .action((id: string, options: CapsuleOptions) => run((context) => make(context, id, options)))
  capsule
    .command('open')
    .description('fold a capsule with the code of today and compare; needs nothing but the file')
    .argument('<file>', 'a capsule')
    .action((file: string) => run((context) => open(context, file)))
}

async function make(context: CliContext, taskId: string, options: CapsuleOptions) {
  const { terminal, folder, json } = context
  const events = await eventsOfTask(context, taskId, options.archive)
  const objects = await objectsOf(context, events, options.objects)
  const about = { taskId, software: SOFTWARE_VERSION, keepFinishedMs: KEEP_FINISHED_MS, events, objects }
  const bytes = encodeCapsule(about, payloadKeysOf(context))
  const file = resolve(folder, options.out ?? `${taskId}.capsule.zst`)
  await writeFile(file, bytes, { flag: options.force ? 'w' : 'wx', mode: 0o600 }).catch((cause: unknown) => {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw new CliError(isThere ? 'FILE_EXISTS' : 'FILE_UNREADABLE', `${file}: ${messageOf(cause)}`, { cause })
  })
  const missing = objects.filter((object) => object.bytes === undefined).map(({ ref }) => ref.blob)
  if (json)
    terminal.printJson({ file, bytes: bytes.length, events: events.length, objects: objects.length, missing })
  else {
    terminal.print(file)
    terminal.log(
      `${formatBytes(bytes.length)}: ${count(events.length, 'event')}, ${count(objects.length - missing.length, 'object')}`,
    )
    if (missing.length > 0) terminal.log(`Without what it holds: ${missing.join(', ')}`)
  }
  return EXIT.ok
}

async function open(context: CliContext, name: string) {
  const { terminal, folder, json } = context
  const file = await readFile(resolve(folder, name)).catch((cause: unknown) => {
    throw new CliError('FILE_UNREADABLE', `${name}: ${messageOf(cause)}`, { cause })
  })
  const { taskId, software, events, objects, stateHash, today, isSame, state } = openCapsule(
    file,
    payloadKeysOf(context),
  )
  if (json)
    terminal.printJson({ taskId, software, events: events.length, stateHash, today, isSame, task: state })
  else {
    terminal.print(
      `Task ${taskId}, ${state?.type ?? 'unknown'}, ${state?.status ?? 'unknown'}: ${count(events.length, 'event')}`,
    )
    for (const { seq, storedAtMs, kind, ends } of events)
      terminal.print(
        printable(
          `  ${new Date(storedAtMs).toISOString()}  ${String(seq).padStart(8)}  ${kind}${ends ? `: ${ends}` : ''}`,
        ),
      )
    for (const { ref, bytes } of objects)
      terminal.print(
        printable(`  ${ref.blob} (${formatBytes(ref.size)}${bytes ? '' : ', not in the capsule'})`),
      )
    terminal.print(`state ${today}, written by ${software}`)
  }
  if (isSame) return EXIT.ok
  throw new CliError('HISTORY_DIFFERS', `the state was ${stateHash} when the capsule was made by ${software}`)
}

/** What the task refers to, as far as the stack still has it and it is not too much. */
async function objectsOf(
  context: CliContext,
  events: readonly ArchivedEvent[],
  isWanted: boolean,
): Promise<CapsuleObject[]> {
  const refs = refsIn(events)
  const session = isWanted && refs.length > 0 ? await openTarget(context).catch(() => undefined) : undefined
  try {
    const objects: CapsuleObject[] = []
    let left = MAX_OBJECT_BYTES
    for (const ref of refs) {
      const bytes = session && ref.size <= left ? await bytesOf(session.client, ref) : undefined
      left -= bytes?.length ?? 0
      objects.push({ ref, bytes })
    }
    return objects
  } finally {
    await session?.close()
  }
}

async function bytesOf(client: MurmurClient, ref: BlobRef): Promise<Uint8Array | undefined> {
  try {
    return await client.download(ref, { maxBytes: MAX_OBJECT_BYTES })
  } catch (error) {
    if (error instanceof MurmurError && error.code === 'BLOB_NOT_FOUND') return undefined
    throw error
  }
}

/** Every reference in the events, however deep, each once. */
function refsIn(events: readonly ArchivedEvent[]): BlobRef[] {
  const refs = new Map<string, BlobRef>()
  for (const { data } of events) {
    const open: unknown[] = [parsed(data)]
    while (open.length > 0) {
      const value = open.pop()
      if (typeof value !== 'object' || value === null) continue
      const ref = 'blob' in value ? blobRefSchema.safeParse(value) : undefined
      if (ref?.success) refs.set(ref.data.blob, ref.data)
      open.push(...Object.values(value))
    }
  }
  return [...refs.values()]
}

function parsed(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString())
  } catch {
    return undefined
  }
}
