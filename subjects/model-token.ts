/** What stands in the place of a model's name where nobody names one: no model can be called so. */
export const MODEL_FOR = { real: '~real', scene: '~scene' } as const
const MODEL_TOKEN_PATTERN = /^~?[A-Za-z0-9._-]{1,64}$/

/** The name of a model, which may have dots, as one token. @throws TypeError for what would change the shape of a subject */
export function modelToken(model: string): string {
  if (!MODEL_TOKEN_PATTERN.test(model)) throw new TypeError(`"${model}" is no name of a model`)
  return model.replaceAll('.', '~')
}
