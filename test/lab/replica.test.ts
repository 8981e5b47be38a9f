// A replica of the lab follows its server: what was there before, what comes afterwards, and who may read it.
import { expect, test } from 'vitest'
import { startMysql } from '../../src/lab/mysql/server.ts'
import { clientOf, SERVERS } from '../kit/mysql.ts'
import { describeWith } from '../kit/require.ts'

const { name, program } = SERVERS.findLast(({ isMariaDb }) => isMariaDb)!

describeWith(name, program !== undefined, () => {
  test('a replica has what was there, and what comes', async () => {
    const server = await startMysql(program!, { settings: { server_id: 1, log_bin: 'binlog' } })
    try {
      const writer = await clientOf(server.adminUrl(''), 'admin')
      const said = ['create database shop', 'create table shop.item (id int primary key)']
      const accounts = ["create user 'web'@'%'", "grant select on shop.* to 'web'@'%'"]
      for (const sql of [...said, ...accounts, 'insert into shop.item values (1), (2)'])
        await writer.query(sql)
      const replica = await server.replica!()
      await writer.query('insert into shop.item values (3)')
      const reader = await clientOf(`mysql://web@127.0.0.1:${replica.port}/shop`)
      const count = async () => {
        const [rows] = await reader.query('select count(*) as n from item')
        return Number((rows as { n: unknown }[])[0]?.n)
      }
      await expect.poll(count, { timeout: 10_000 }).toBe(3)
      await expect(reader.query('insert into item values (4)')).rejects.toThrow()
      for (const one of [reader, writer]) one.destroy()
      await replica.stop()
    } finally {
      await server.stop()
    }
  })
})
