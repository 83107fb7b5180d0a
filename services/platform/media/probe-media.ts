import type { FfmpegTools } from '../config/ffmpeg.ts'
import { factsFromDescription, factsFromProbe, type MediaFacts } from './media-facts.ts'
import { type MediaToolLimits, runMediaTool } from './media-process.ts'

/** What looking into a file or stream gave. */
export interface MediaProbe {
  /** Undefined when it holds no moving picture, or could not be opened. */
  facts: MediaFacts | undefined
  /** Whether its container could be read. */
  isOpened: boolean
  isTimedOut: boolean
  /** What the program wrote: the reason, where it could not be opened. */
  stderr: string
}

/**
 * Opens an input for a moment to see what it is: with ffprobe where there is one, else with ffmpeg, which describes its
 * input and then ends with an error because it has no output.
 *
 * @param input arguments that guard and name the input, `-i` included
 * @throws MurmurError LIMIT_EXCEEDED when the answer is longer than `maxStdoutBytes`; the signal's reason
 */
export async function probeMedia(
  tools: FfmpegTools,
  input: readonly string[],
  limits: MediaToolLimits,
): Promise<MediaProbe> {
  if (tools.ffprobe === undefined) {
    const args = ['-hide_banner', '-nostdin', ...input]
    const { stderr, isTimedOut } = await runMediaTool(tools.ffmpeg, args, limits)
    const isOpened = /^Input #0, /m.test(stderr)
    return { facts: factsFromDescription(stderr), isOpened, isTimedOut, stderr }
  }
  const args = ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', ...input]
  const { exitCode, stdout, stderr, isTimedOut } = await runMediaTool(tools.ffprobe, args, limits)
  const isOpened = exitCode === 0
  return { facts: isOpened ? factsFromProbe(stdout.toString()) : undefined, isOpened, isTimedOut, stderr }
}
