import type { Counter } from '../../telemetry/index.js'

/** How many bytes messages that are not whole yet may hold together. A room can be a part of a larger one. */
export class Room {
  readonly #limitBytes: number
  readonly #larger: Room | undefined
  #takenBytes = 0

  constructor(limitBytes: number, larger?: Room) {
    this.#limitBytes = limitBytes
    this.#larger = larger
  }

  /** Answers whether there was room for all of it. */
  take(bytes: number): boolean {
    if (this.#takenBytes + bytes > this.#limitBytes || this.#larger?.take(bytes) === false) return false
    this.#takenBytes += bytes
    return true
  }

  give(bytes: number): void {
    this.#takenBytes -= bytes
    this.#larger?.give(bytes)
  }
}

/** The rooms of a server: one for each connection that needs one, all within one for the server. */
export class Rooms {
  readonly #connectionBytes: number
  readonly #server: Room
  readonly #refused: Counter
  readonly #connections = new WeakMap<object, Room>()

  constructor(serverBytes: number, connectionBytes: number, refused: Counter) {
    this.#server = new Room(serverBytes)
    this.#connectionBytes = connectionBytes
    this.#refused = refused
  }

  /** Nothing yet, for a call on this connection; undefined: it has gone. */
  share(connection: object | undefined): Share {
    return new Share(this.#of(connection), this.#refused)
  }

  #of(connection: object | undefined): Room {
    // A connection that has gone sends no more.
    if (connection === undefined) return this.#server
    let room = this.#connections.get(connection)
    if (room === undefined) {
      room = new Room(this.#connectionBytes, this.#server)
      this.#connections.set(connection, room)
    }
    return room
  }
}

/** What one call holds of its connection's room. */
export class Share {
  readonly #room: Room
  readonly #refused: Counter
  #bytes = 0

  constructor(room: Room, refused: Counter) {
    this.#room = room
    this.#refused = refused
  }

  /** Answers whether there was room. */
  take(bytes: number): boolean {
    if (!this.#room.take(bytes)) {
      this.#refused.add(1)
      return false
    }
    this.#bytes += bytes
    return true
  }

  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  /** Gives all of it back. Safe twice. */
  release(): void {
    this.#room.give(this.#bytes)
    this.#bytes = 0
  }
}
