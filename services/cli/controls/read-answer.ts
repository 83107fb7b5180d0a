import type { JsonValue } from '#schemas/json.ts'
import type { OpenApprovalView } from '#schemas/task-controls.ts'
import { CliError } from '../cli-error.ts'

/**
 * What was filled into a form, as its fields have it: numbers and truth values by their type, all else as text. Fields that the form
 * does not have go as text, for the service to refuse. Pure.
 * @param given `name=value` each
 * @throws CliError USAGE for one that is none, or comes twice
 */
export function formValues(
  given: readonly string[],
  form: OpenApprovalView['approval']['form'] = [],
): Record<string, JsonValue> {
  const values: Record<string, JsonValue> = {}
  for (const text of given) {
    const at = text.indexOf('=')
    const name = text.slice(0, Math.max(0, at))
    if (name === '') throw new CliError('USAGE', `--value ${text}: must be NAME=VALUE`)
    if (Object.hasOwn(values, name)) throw new CliError('USAGE', `--value ${name} was given twice`)
    values[name] = typedValue(text.slice(at + 1), form.find((field) => field.name === name)?.type)
  }
  return values
}

/** What is no value of its type goes as it is: the service says what is wrong with it. */
function typedValue(text: string, type: string | undefined): JsonValue {
  if ((type === 'number' || type === 'integer') && text.trim() !== '' && Number.isFinite(Number(text)))
    return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}
