import { styleText } from 'node:util'

type Style = (text: string) => string

/** The few styles that output uses. */
export interface Paint {
  bold: Style
  dim: Style
  red: Style
  green: Style
  yellow: Style
  cyan: Style
  /** Letters and background change places. */
  inverse: Style
}

/** Colours where the stream shows them: a terminal, unless NO_COLOR is set; FORCE_COLOR overrules both. */
export function paintFor(stream: NodeJS.WritableStream): Paint {
  const style = (name: keyof Paint) => (text: string) => styleText(name, text, { stream })
  return {
    bold: style('bold'),
    dim: style('dim'),
    red: style('red'),
    green: style('green'),
    yellow: style('yellow'),
    cyan: style('cyan'),
    inverse: style('inverse'),
  }
}

const unstyled: Style = (text) => text

export const noPaint: Paint = {
  bold: unstyled,
  dim: unstyled,
  red: unstyled,
  green: unstyled,
  yellow: unstyled,
  cyan: unstyled,
  inverse: unstyled,
}
