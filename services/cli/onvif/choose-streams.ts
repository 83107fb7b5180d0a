import type { OnvifProfile } from './ask-onvif.ts'

/** Which of a camera's streams are watched. */
export interface ChosenStreams {
  /** For pictures, clips and recordings. */
  main: OnvifProfile
  /** What is analysed instead, where another stream costs less and shows enough. */
  detect?: OnvifProfile
}

/** Networks take some 416 pixels: a picture that is not much smaller loses nothing. */
const LEAST_WIDTH = 400
const LEAST_FPS = 5
/** Shapes of one view may differ by so much: sides are rounded. */
const SAME_SHAPE = 0.03
/** A stream that has at most this share of the pixels is worth a second connection. */
const SMALLER = 0.6

/**
 * The largest picture is the main stream; analysed is the smallest of the same shape that still shows what a network takes and has enough
 * frames a second. What a camera does not say of a stream speaks against it. Pure.
 */
export function chooseStreams(profiles: readonly OnvifProfile[]): ChosenStreams | undefined {
  const usable = profiles.filter(({ url }) => url !== undefined)
  const main = largest(usable)
  if (!main) return undefined
  const detect = usable
    .filter((profile) => profile.url !== main.url && fits(profile, main))
    .toSorted((a, b) => pixels(a) - pixels(b))[0]
  return { main, ...(detect && { detect }) }
}

function largest(profiles: readonly OnvifProfile[]): OnvifProfile | undefined {
  return profiles.toSorted((a, b) => pixels(b) - pixels(a))[0]
}

function fits(profile: OnvifProfile, main: OnvifProfile): boolean {
  const { width, height, fps } = profile
  if (!width || !height || !main.width || !main.height) return false
  if (Math.max(width, height) < LEAST_WIDTH || (fps !== undefined && fps < LEAST_FPS)) return false
  const shape = width / height / (main.width / main.height)
  return Math.abs(shape - 1) <= SAME_SHAPE && pixels(profile) <= SMALLER * pixels(main)
}

function pixels({ width = 0, height = 0 }: OnvifProfile): number {
  return width * height
}
