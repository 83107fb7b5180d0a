import { basename, extname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type Artifact, artifactsOf } from '#schemas/artifact.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { LIMITS } from '#schemas/limits.ts'
import { isTerminal } from '#schemas/task.ts'
import type { CliContext, Run } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { loadOutput } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { count, formatBytes } from '../output/quantities.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { downloadObject } from '../transfer/download-object.ts'
import { checkedBy } from './arguments.ts'

const COLUMNS: readonly TableColumn[] = [
  { title: 'name' },
  { title: 'size', align: 'right' },
  { title: 'type' },
  { title: 'in the output at' },
  { title: 'key', flexible: true },
]

/** `murmur artifacts`: the files that a task made. */
export function addArtifacts(program: Command, run: Run): void {
  program
    .command('artifacts')
    .description('the files that a task made; with --out they are fetched')
    .argument('<id>', 'id of the task', checkedBy(taskIdSchema))
    .option('--out <folder>', 'fetch them into this folder')
    .option('--force', 'also over files that are there')
    .action((id: string, options: { out?: string; force?: boolean }) =>
      run(async (context) => {
        await withClient(context, (client) => artifacts(context, client, id, options))
        return EXIT.ok
      }),
    )
}

async function artifacts(
  context: CliContext,
  client: MurmurClient,
  id: string,
  { out, force = false }: { out?: string; force?: boolean },
): Promise<void> {
  const { json, terminal } = context
  const found = await artifactsOfTask(client, id)
  const files =
    out === undefined ? undefined : fileNames(found).map((name) => join(resolve(context.folder, out), name))
  for (const [i, file] of files?.entries() ?? []) {
    const { blob } = found[i]!
    const isSame = found.findIndex((other) => other.blob === blob) < i
    if (!isSame) await downloadObject(context, client, blob, () => file, { mayReplace: force })
  }
  if (json) terminal.printJson({ artifacts: found, ...(files && { files: [...new Set(files)] }) })
  else if (found.length === 0) terminal.log(`Task ${id} made no files.`)
  else if (files) {
    terminal.log(`Fetched ${count(new Set(files).size, 'file')}, each checked against its SHA-256:`)
    terminal.print(...new Set(files))
  } else {
    const { outPaint: paint, columns: width } = terminal
    terminal.print(
      ...renderTable(COLUMNS, found.map(artifactRow), { paint, ...(width !== undefined && { width }) }),
    )
  }
}

/** @throws MurmurError TASK_NOT_FOUND, TASK_NOT_FINISHED */
async function artifactsOfTask(client: MurmurClient, id: string): Promise<Artifact[]> {
  const { status, output } = await client.get(id)
  if (!isTerminal(status)) throw new MurmurError('TASK_NOT_FINISHED', `task ${id} is ${status}`)
  return output === undefined ? [] : artifactsOf(await loadOutput(output, client, LIMITS.bufferedBlobBytes))
}

/** A name for each that is safe in a folder and that no other object has; the same object has the same one. Pure. */
export function fileNames(artifacts: readonly Artifact[]): string[] {
  const byObject = new Map<string, string>()
  const taken = new Set<string>()
  return artifacts.map(({ blob, name }) => {
    const known = byObject.get(blob)
    if (known !== undefined) return known
    const plain = basename(printable(name).replaceAll('\\', '/')).replace(/^\.+/, '').trim() || 'object'
    const end = extname(plain)
    let unique = plain
    for (let n = 2; taken.has(unique.toLowerCase()); n++)
      unique = `${plain.slice(0, plain.length - end.length)}-${n}${end}`
    taken.add(unique.toLowerCase())
    byObject.set(blob, unique)
    return unique
  })
}

function artifactRow({ name, size, contentType, path, blob }: Artifact): Cell[] {
  return [
    { text: name, style: 'bold' },
    { text: formatBytes(size) },
    { text: contentType, style: 'dim' },
    { text: path, style: 'dim' },
    { text: blob },
  ]
}
