import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { blobRefSchema } from '#schemas/blob.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { formatBytes, formatDuration } from '../output/quantities.ts'
import { printable } from '../output/terminal-text.ts'
import { collectFiles } from '../report/local-files.ts'
import { withClient } from '../session/session.ts'
import { downloadObject } from '../transfer/download-object.ts'
import { uploadFile } from '../transfer/upload-file.ts'
import { checkedBy } from './arguments.ts'

interface DownloadOptions {
  out?: string
  force?: boolean
}

const keySchema = blobRefSchema.shape.blob

/** `murmur upload` and `murmur download`: what is too big for a submission, there and back. */
export function addTransfers(program: Command, run: Run): void {
  program
    .command('upload')
    .description('keep files in the object store and print their references, for inputs of tasks')
    .argument('<files...>', 'files; of a folder, the files right in it')
    .action((files: string[]) => run((context) => upload(context, files)))
  program
    .command('download')
    .description('fetch an object: an upload, or what a task made')
    .argument('<key>', 'the "blob" of a reference', checkedBy(keySchema))
    .option('--out <file>', 'where it goes (default: its own name, in this folder)')
    .option('--force', 'also over a file that is there')
    .action((key: string, options: DownloadOptions) => run((context) => download(context, key, options)))
}

async function upload(context: CliContext, paths: readonly string[]) {
  const { json, terminal } = context
  const files = collectFiles(paths, context.folder)
  await withClient(context, async (client) => {
    for (const [i, file] of files.entries()) {
      const position = files.length > 1 ? `${i + 1} of ${files.length}` : undefined
      const { object, expiresAtMs } = await uploadFile(context, client, file, position)
      // A line each: what is up is known, whatever becomes of the next.
      if (json) terminal.printJson({ object, expiresAtMs })
      else {
        const leftMs = Math.max(0, expiresAtMs - context.clock.nowMs())
        terminal.log(
          `${file.name} (${formatBytes(file.bytes)}) is kept for ${formatDuration(leftMs)}, and as long as a task that refers to it:`,
        )
        terminal.print(JSON.stringify(object))
      }
    }
  })
  return EXIT.ok
}

async function download(context: CliContext, key: string, { out, force = false }: DownloadOptions) {
  const { folder, json, terminal } = context
  // A name comes from whoever made the object: only its last part counts.
  const fileOf = (name: string | undefined) =>
    resolve(
      folder,
      out ?? (basename(printable(name ?? key).replaceAll('\\', '/')).replace(/^\.+/, '') || 'object'),
    )
  const done = await withClient(context, (client) =>
    downloadObject(context, client, key, fileOf, { mayReplace: force }),
  )
  if (json) terminal.printJson(done)
  else {
    terminal.log(`${formatBytes(done.size)} of ${done.contentType}, checked against its SHA-256:`)
    terminal.print(done.file)
  }
  return EXIT.ok
}
