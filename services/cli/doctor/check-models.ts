import { messageOf } from '#platform/errors/murmur-error.ts'
import type { OfferedModel } from '#schemas/detection.ts'
import type { Check } from '../../../deploy/local/doctor.ts'
import type { CliContext } from '../cli-context.ts'
import { describeModel, type KnownModel, listModels } from '../models/known-models.ts'
import { offerSentence, tellingOffers } from '../models/render-offers.ts'

const NAME = 'model'
const WAYS =
  'The first monitor of real video fetches it. Where there is no internet: `murmur models pull NAME` elsewhere and its file into the folder `models` of MURMUR_HOME, or MURMUR_MODEL=FILE.onnx.'

/** Which model looks at real video on this machine: named, fetched, or still to be. */
export async function checkModels(context: Pick<CliContext, 'env' | 'folder' | 'home'>): Promise<Check> {
  const wanted = context.env.MURMUR_MODEL
  if (!wanted) return judgeModels(await listModels(context.home))
  try {
    const { name, file, card } = await describeModel(wanted, context)
    if (card?.domain === 'rendered')
      return {
        name: NAME,
        status: 'warn',
        evidence: `MURMUR_MODEL names ${name}, which was trained on drawn pictures: real video is looked at by it too`,
        fix: 'Unset MURMUR_MODEL: scenes get it anyway, and real video a real model.',
      }
    if (file) return { name: NAME, status: 'ok', evidence: `${name}, named by MURMUR_MODEL` }
    return {
      name: NAME,
      status: 'warn',
      evidence: `${name}, named by MURMUR_MODEL, is not here yet`,
      fix: WAYS,
    }
  } catch (error) {
    return {
      name: NAME,
      status: 'fail',
      evidence: `MURMUR_MODEL: ${messageOf(error)}`,
      fix: 'Name a model of `murmur models list`, or the path of an ONNX file with its manifest beside it.',
    }
  }
}

/** By what lies in the cache. Pure. */
export function judgeModels(models: readonly KnownModel[]): Check {
  const named = (state: KnownModel['state']) =>
    models.filter((model) => model.state === state).map(({ name }) => name)
  const [here, damaged] = [named('here'), named('damaged')]
  const scenes = named('bundled').map((name) => `, ${name} for rendered scenes`)
  if (damaged.length > 0)
    return {
      name: NAME,
      status: 'warn',
      evidence: `the file of ${damaged.join(', ')} is not the released one`,
      fix: `Remove it and pull it again (\`murmur models pull ${damaged[0]}\`), or name it yourself: MURMUR_MODEL=FILE.`,
    }
  if (here.length > 0)
    return { name: NAME, status: 'ok', evidence: `${here.join(', ')} for real video${scenes}` }
  return { name: NAME, status: 'warn', evidence: `none for real video is here yet${scenes}`, fix: WAYS }
}

/** What a detector that runs says of its models. Pure. */
export function judgeOffers(models: readonly OfferedModel[]): Check {
  const telling = tellingOffers(models)
  const missing = telling.find(({ state }) => state === 'missing')
  const evidence = telling.map(offerSentence).join('; ') || 'the detector has none'
  if (!missing) return { name: 'detection', status: 'ok', evidence }
  return { name: 'detection', status: 'warn', evidence, fix: WAYS }
}
