/** For so long a picture is the newest for whoever asks. Milliseconds. */
const FRESH_MS = 250
/** Pictures that are kept at the same time; further ones are drawn for whoever asks. */
const MAX_KEPT = 500

/** Pictures of cameras that many watch: drawn once for all who ask at the same time, four times a second at most. */
export class PictureCache<Picture> {
  readonly #kept = new Map<string, Promise<Picture>>()

  /** The picture of that name, drawn unless it just was. @throws whatever `draw` does */
  get(name: string, draw: () => Promise<Picture>): Promise<Picture> {
    const kept = this.#kept.get(name)
    if (kept) return kept
    const picture = draw()
    if (this.#kept.size >= MAX_KEPT) return picture
    this.#kept.set(name, picture)
    const forget = () => void this.#kept.delete(name)
    picture.then(() => void setTimeout(forget, FRESH_MS).unref(), forget)
    return picture
  }
}
