import type { Command } from 'commander'
import { blobRefSchema } from '#schemas/blob.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { usageLine } from '../system/render-usage.ts'
import { checkedBy } from './arguments.ts'

const keySchema = blobRefSchema.shape.blob

/** `murmur objects rm|usage`: what a tenant has in the object store. */
export function addObjects(program: Command, run: Run): void {
  const objects = program.command('objects').description('what a tenant has in the object store')
  objects
    .command('rm')
    .description('delete objects: uploads, and what tasks made that have ended')
    .argument('<keys...>', 'the "blob" of references', (key: string, before: string[] = []) => [
      ...before,
      checkedBy(keySchema)(key),
    ])
    .action((keys: string[]) => run((context) => remove(context, keys)))
  objects
    .command('usage')
    .description('how much is used of what is limited')
    .action(() => run(usage))
}

async function remove(context: CliContext, keys: readonly string[]) {
  const { json, terminal } = context
  await withClient(context, async (client) => {
    for (const key of keys) {
      const answer = await client.objects.delete(key)
      // A line each: what is gone is known, whatever becomes of the next.
      if (json) terminal.printJson(answer)
      else terminal.log(`${printable(key)} ${answer.deleted ? 'is deleted' : 'was gone before'}.`)
    }
  })
  return EXIT.ok
}

async function usage(context: CliContext) {
  const { json, terminal } = context
  const found = await withClient(context, (client) => client.objects.usage())
  if (json) terminal.printJson({ usage: found })
  else terminal.print(usageLine(found, terminal.outPaint))
  return EXIT.ok
}
