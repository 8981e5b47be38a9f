// The part of package pgpass that is used here; it ships no types.
declare module 'pgpass' {
  interface ConnectionInfo {
    host: string
    port: number
    user: string
    database: string
  }
  export default function pgpass(info: ConnectionInfo, found: (password: string | undefined) => void): void
}
