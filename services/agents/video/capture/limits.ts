import { LIMITS } from '#schemas/limits.ts'

const PIXELS_PER_EDGE = 8192

/** What capture reads, keeps and waits for at most, with the reason. */
export const CAPTURE_LIMITS = {
  /** A clip of the object store. */
  fileBytes: LIMITS.blobBytes,
  /** The longer edge of the source: no camera has more, and a decoder needs memory for several frames. */
  edgePx: PIXELS_PER_EDGE,
  /** Pixels of a frame of the source: 100 MB as yuv420p. */
  pixels: PIXELS_PER_EDGE * PIXELS_PER_EDGE,
  /** A recorded source; a step can't work longer than a day. Seconds. */
  recordedSec: LIMITS.stepTimeoutMs / 1000,
  /** A probe of what a source is; cameras may take seconds until a picture comes that stands for itself. */
  probeMs: 12_000,
  /**
   * From the first attempt until a recording that never answered counts as a mistake in the request, and a source that keeps refusing
   * the user, or keeps giving something that is no video. A camera that is just not there is waited for without an end.
   */
  firstConnectMs: 30_000,
  /** Of one attempt to connect: short, as the next one follows at once, and a camera is back between two of them. */
  connectMs: 2000,
  /** The same with TLS, for which small cameras need seconds. */
  connectTlsMs: 6000,
  /** Without a frame from a camera for so long, it is opened again. */
  cameraStallMs: 5000,
  /** The same for files, where a damaged part may take a decoder a while. */
  recordedStallMs: 30_000,
  /** Between two attempts at a camera: doubled each time, with a random part. Short, so that a camera is seen within 3 s of its return; an attempt at one that is away is a connection and nothing more. */
  backoffMs: { first: 500, max: 1000 },
  /** After a refused user: the first time that it is tried, and later on. Cameras lock out whoever is refused too often. */
  refusedMs: { first: 10_000, later: 60_000 },
  /** Pictures of a camera that are older than this when they are decoded, for so long without a fresher one, are a backlog: it is cut. */
  backlogMs: 2500,
  backlogForMs: 1000,
  /** The same for what comes in segments, of which the first pictures are as old as the segment is long. */
  segmentsForMs: 15_000,
  /** Of the frames that snapshots and clips are made from. Never enlarged. */
  displayWidthPx: 960,
  /** Of pictures from the main stream of a camera whose substream is analysed: a JPEG of that size fits into a message of NATS. */
  mainPictureWidthPx: 1280,
  /** Display frames kept: 3 s of a camera, and well above what is in flight of a clip. */
  ringFrames: 32,
  /** Frames of a clip read completely that are under way: as many as the stream keeps of one camera. */
  windowFrames: 8,
  /** A frame of such a reading that has not come back is sent again: after so long at least, then twice as long each time. */
  resendMs: { first: 2000, max: 30_000 },
  /** What waits in the connection before live frames are let go: one second of a large model's input at 10 fps. */
  backlogBytes: 16 * 1024 * 1024,
  /** For the last frames to come back, once the source has ended. */
  lastFramesMs: 3000,
  /** Snapshots are still given, and the end is still published, for so long after it. */
  lingerMs: 8000,
  /** Frames that the clip's encoder may be behind. */
  clipBacklog: 24,
  /** A clip stops growing here: it has to fit into one object. */
  clipBytes: LIMITS.bufferedBlobBytes - 8 * 1024 * 1024,
} as const

/** How long is waited for sources, in milliseconds as in `CAPTURE_LIMITS`. */
export interface CaptureWaits {
  probeMs: number
  firstConnectMs: number
  cameraStallMs: number
}
