import type { Track } from '#schemas/camera.ts'
import { boxOf } from './box-filter.ts'
import { clipped } from './box-geometry.ts'
import type { TrackOptions } from './track-options.ts'
import type { TrackerState, TrackState } from './track-state.ts'

/** A track as rules see it. Times on the tracker's time line. */
export interface ObservedTrack extends Omit<Track, 'zones' | 'id'> {
  /** 0 while it is not confirmed. */
  id: number
  /** The same from birth on. */
  key: number
  bornMs: number
}

/**
 * What is in the picture now: confirmed tracks that are seen or were a moment ago, and new ones that are seen but not
 * confirmed yet, so that rules know where these began. Pure.
 */
export function observedTracks({ tracks, atMs }: TrackerState, { coastMs }: TrackOptions): ObservedTrack[] {
  if (atMs === undefined) return []
  return tracks
    .filter(({ id, seenMs }) => seenMs === atMs || (id > 0 && atMs - seenMs <= coastMs))
    .map((track) => ({
      key: track.key,
      id: track.id,
      class: track.class,
      label: heaviest(track),
      score: track.score,
      box: clipped(boxOf(track.filter)),
      predicted: track.seenMs < atMs,
      bornMs: track.bornMs,
    }))
}

function heaviest({ votes }: TrackState): string {
  return votes.reduce((most, vote) => (vote[1] > most[1] ? vote : most))[0]
}
