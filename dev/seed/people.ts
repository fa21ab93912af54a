import type postgres from "postgres";

interface DemoPerson {
  id: string;
  email: string;
  name: string;
  role: string;
  /** Of the password below; precomputed, because making the four takes a second. */
  passwordHash: string;
}

export const demoPassword = "Demo123!";

/** The demo people by what they are good for in a demonstration. Their ids stay the same on every machine. */
export const demoPeople = {
  admin: {
    id: "019b8d62-7a80-70a4-bda3-53b2ec7b8832",
    email: "john.advisor@demo.com",
    name: "John Advisor",
    role: "admin",
    passwordHash:
      "$argon2id$v=19$m=65536,t=3,p=4$1exOein4FhtwyX+PVznfHg$gSxqZt7PUDPQy90qDfVSX+js4aFMv9Pwy/dPzTiKcms",
  },
  planner: {
    id: "019b8d62-7a80-70a5-a707-dd7cb30ecc3f",
    email: "sarah.planner@demo.com",
    name: "Sarah Planner",
    role: "planner",
    passwordHash:
      "$argon2id$v=19$m=65536,t=3,p=4$4/75DwbZH2SFfS3hRRR4fA$7Kjk83fdJHSTiEivAgt06QDrPa7pvuGEekY13MZFERU",
  },
  client: {
    id: "019b8d62-7a80-70a6-a745-daaedb1d9195",
    email: "michael.client@demo.com",
    name: "Michael Client",
    role: "client",
    passwordHash:
      "$argon2id$v=19$m=65536,t=3,p=4$WxKuejgRMs4FtM/P2hH2YA$WrT0LCwR6RURtLJ28dONHJ6Rlaw0uh5f+/dOLk/0v0k",
  },
  user: {
    id: "019b8d62-7a80-70a7-a132-7c9e102545fb",
    email: "demo.user@demo.com",
    name: "Demo User",
    role: "client",
    passwordHash:
      "$argon2id$v=19$m=65536,t=3,p=4$cJ/W5Z7PSTx8uADTaVJ0PA$Y7sLPUNdCbjTEMYuRQvq/S2leCmqP+JJVJMemC97vEU",
  },
} satisfies Record<string, DemoPerson>;

const since = new Date("2026-01-05T09:00:00.000Z");

/** Puts the demo people in. Whoever is there already, by id or by address, is left as they are. */
export async function seedPeople(sql: postgres.Sql | postgres.TransactionSql): Promise<void> {
  const rows = Object.values(demoPeople).map(({ passwordHash, ...person }) => ({
    ...person,
    password_hash: passwordHash,
    time_zone: "America/New_York",
    email_verified_at: since,
    password_changed_at: since,
    created_at: since,
  }));
  await sql`insert into users ${sql(rows)} on conflict do nothing`;
}
