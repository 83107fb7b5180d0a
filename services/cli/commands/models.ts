import type { Command } from 'commander'
import { findCached } from '../../agents/video/models/model-cache.ts'
import { DEFAULT_MODEL, findInCatalogue, MODEL_CATALOGUE } from '../../agents/video/models/model-catalogue.ts'
import { pullModel } from '../../agents/video/models/pull-model.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { unlessInterrupted } from '../interruption.ts'
import { describeModel, listModels, readStarter } from '../models/known-models.ts'
import { renderModel, renderModels, showPull } from '../models/render-models.ts'

const NAMES = MODEL_CATALOGUE.map(({ name }) => name).join(', ')

export function addModels(program: Command, run: Run): void {
  const models = program.command('models').description('the networks that look at pictures: list, pull, info')
  models
    .command('list')
    .description('which there are, and which are here')
    .action(() => run(list))
  models
    .command('pull')
    .description('fetch one from its release; its size and checksum are checked')
    .argument('<name>', NAMES)
    .action((name: string) => run((context) => pull(context, name)))
  models
    .command('info')
    .description('what a model is')
    .argument('<name|file>', 'a name of the list, or an ONNX file of your own')
    .action((name: string) => run((context) => info(context, name)))
}

async function list({ home, json, terminal }: CliContext) {
  const models = await listModels(home)
  if (json) terminal.printJson({ models })
  else {
    const { outPaint: paint, columns: width } = terminal
    terminal.print(...renderModels(models, { paint, ...(width !== undefined && { width }) }))
  }
  return EXIT.ok
}

async function pull(context: CliContext, name: string) {
  const { clock, home, json, signal, terminal } = context
  const model = findInCatalogue(name)
  if (!model) throw await noSuchModel(name)
  const found = await findCached(home, model)
  const onProgress = showPull(name, { clock, terminal })
  let file: string
  try {
    file = found ?? (await unlessInterrupted(pullModel(model, { home, onProgress, signal }), signal))
  } catch (error) {
    throw describeFailure(error, model)
  } finally {
    terminal.clearLive()
  }
  if (json) terminal.printJson({ name, file, fetched: found === undefined })
  else terminal.log(`${name} is here ${found ? 'already' : 'now'}: ${file}`)
  return EXIT.ok
}

async function info(context: CliContext, name: string) {
  const { terminal, json } = context
  const model = await describeModel(name, context)
  if (json) terminal.printJson(model)
  else {
    const { outPaint: paint, columns: width } = terminal
    terminal.print(...renderModel(model, { paint, ...(width !== undefined && { width }) }))
  }
  return EXIT.ok
}

async function noSuchModel(name: string): Promise<CliError> {
  if ((await readStarter())?.name === name) {
    return new CliError('USAGE', `${name} comes with the project: there is nothing to fetch`, {
      fix: `Fetch one of ${NAMES}.`,
    })
  }
  return new CliError('USAGE', `there is no model "${name}" to fetch`, {
    fix: `Fetch one of ${NAMES}; ${DEFAULT_MODEL} is the default.`,
  })
}

/** The site that could not be reached is not one of the stack's servers, which the general advice is about. */
function describeFailure(error: unknown, model: { url: string }): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === 'UNAVAILABLE')) return error
  return new CliError('MODEL_NOT_FETCHED', error.message, { cause: error, details: [`from ${model.url}`] })
}
