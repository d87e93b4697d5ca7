import Capture
import CaptureSupport
import Entity
import Events
import Foundation
import SQLite
import TestSupport
import Testing

/// One thing that a shop does to its database.
struct ShopHabit: Sendable, CustomTestStringConvertible {
  var name: String
  var sql: String
  /// What the first look finds there before; the shop's own triggers, for instance.
  var before = ""
  /// Of `changes:`; a column that triggers name cannot be dropped.
  var changes = ["every", "latest"]
  /// Whether a statement of it fails, without us too.
  var fails = false
  var testDescription: String { name }

  init(
    _ name: String, before: String = "", changes: [String] = ["every", "latest"], fails: Bool = false, _ sql: String
  ) {
    self.name = name
    self.sql = sql
    self.before = before
    self.changes = changes
    self.fails = fails
  }
}

extension ShopHabit {
  private static let products =
    "id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, supplier_cuit TEXT, base_price TEXT NOT NULL"
  private static let copied = "id, name, category, supplier_cuit, base_price"

  /// The ways of SQLite's manual and of four common tools; each changes values on the way, and something after it.
  static let migrations = [
    ShopHabit(
      "SQLite's manual: new table, copy, drop, rename",
      """
      PRAGMA foreign_keys=OFF; BEGIN; CREATE TABLE new_products(\(products), ean TEXT);
      INSERT INTO new_products(\(copied)) SELECT id, upper(name), category, supplier_cuit, base_price FROM products;
      DROP TABLE products; ALTER TABLE new_products RENAME TO products; PRAGMA foreign_key_check; COMMIT;
      PRAGMA foreign_keys=ON; INSERT INTO products VALUES(8, 'Case', 'Mobile', NULL, '3', 'x');
      """),
    ShopHabit(
      "Django: new__products, deferred references",
      """
      PRAGMA foreign_keys=OFF; BEGIN; PRAGMA defer_foreign_keys=ON;
      CREATE TABLE "new__products"(\(products), "ean" varchar(13) NULL);
      INSERT INTO "new__products"(\(copied), "ean") SELECT \(copied), NULL FROM "products";
      DROP TABLE "products"; ALTER TABLE "new__products" RENAME TO "products";
      CREATE INDEX "products_category" ON "products"("category"); UPDATE products SET base_price = '7'; COMMIT;
      PRAGMA foreign_keys=ON; DELETE FROM products WHERE id = 7;
      """),
    ShopHabit(
      "Alembic: _alembic_tmp_products in batch mode",
      """
      BEGIN; CREATE TABLE _alembic_tmp_products(\(products), CONSTRAINT priced CHECK (base_price <> ''));
      INSERT INTO _alembic_tmp_products(\(copied)) SELECT \(copied) FROM products WHERE id <> 7;
      DROP TABLE products; ALTER TABLE _alembic_tmp_products RENAME TO products; COMMIT;
      """),
    ShopHabit(
      "EF Core: ef_temp_orders, references off",
      """
      BEGIN; CREATE TABLE ef_temp_items(id INTEGER NOT NULL CONSTRAINT "PK" PRIMARY KEY AUTOINCREMENT,
        order_id INTEGER NOT NULL, product_id INTEGER NOT NULL, quantity INTEGER NOT NULL DEFAULT 1,
        unit_price TEXT NOT NULL);
      INSERT INTO ef_temp_items SELECT id, order_id, product_id, quantity * 10, unit_price FROM order_items; COMMIT;
      PRAGMA foreign_keys = 0; BEGIN; DROP TABLE order_items; ALTER TABLE ef_temp_items RENAME TO order_items; COMMIT;
      PRAGMA foreign_keys = 1; INSERT INTO order_items(order_id, product_id, quantity, unit_price)
        VALUES(100, 7, 3, '1.5');
      """),
    ShopHabit(
      "Rails: a temporary copy and back",
      """
      PRAGMA foreign_keys=OFF; BEGIN; CREATE TEMPORARY TABLE "astores"("id" integer PRIMARY KEY, "city" varchar, "state" varchar);
      INSERT INTO "astores" SELECT id, city, state FROM "stores"; DROP TABLE "stores";
      CREATE TABLE "stores"("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "city" varchar NOT NULL, "state" varchar(2));
      INSERT INTO "stores" SELECT * FROM "astores"; DROP TABLE "astores"; COMMIT; PRAGMA foreign_keys=ON;
      INSERT INTO stores(city, state) VALUES('Reno', 'NV'); UPDATE stores SET state = 'CA' WHERE id = 1;
      """),
    ShopHabit(
      "renamed away and back",
      "ALTER TABLE stores RENAME TO s; UPDATE s SET city = 'Ely'; ALTER TABLE s RENAME TO stores"),
    ShopHabit(
      "renamed away, made anew, copied",
      """
      BEGIN; ALTER TABLE stores RENAME TO old_stores; CREATE TABLE stores(id INTEGER PRIMARY KEY, city TEXT, state TEXT);
      INSERT INTO stores SELECT id, city || '!', state FROM old_stores; DELETE FROM old_stores; DROP TABLE old_stores;
      INSERT INTO stores VALUES(2, 'Reno', 'NV'); COMMIT
      """),
    ShopHabit(
      "the old table is kept beside the new one, and goes on being written to",
      """
      ALTER TABLE stores RENAME TO old_stores; CREATE TABLE stores(id INTEGER PRIMARY KEY, city TEXT, state TEXT);
      INSERT INTO stores SELECT * FROM old_stores; DELETE FROM old_stores; INSERT INTO old_stores VALUES(5, 'No', 'NO')
      """),
    ShopHabit(
      "a captured column comes late",
      "ALTER TABLE order_items ADD COLUMN discount TEXT DEFAULT '0.5'; DELETE FROM order_items WHERE id = 1001"),
    ShopHabit(
      "a captured column is renamed away, and made anew with another value",
      """
      ALTER TABLE order_items RENAME COLUMN unit_price TO price;
      ALTER TABLE order_items ADD COLUMN unit_price TEXT NOT NULL DEFAULT '1.00'
      """),
    ShopHabit("a captured column comes with a value", "ALTER TABLE order_items ADD COLUMN discount TEXT DEFAULT '0.5'"),
    ShopHabit(
      "a captured column becomes a computed one",
      """
      ALTER TABLE order_items RENAME COLUMN unit_price TO net; ALTER TABLE order_items ADD COLUMN unit_price TEXT
        GENERATED ALWAYS AS (printf('%.2f', net * 2)) VIRTUAL
      """),
    ShopHabit(
      "columns that nobody captures are added, renamed and dropped",
      "ALTER TABLE orders ADD COLUMN x TEXT; ALTER TABLE orders RENAME COLUMN note TO remark; ALTER TABLE orders DROP COLUMN remark; UPDATE orders SET status = 'completed'"
    ),
    ShopHabit(
      "a captured column is dropped", changes: ["latest"],
      "ALTER TABLE stock ADD COLUMN y TEXT; ALTER TABLE orders DROP COLUMN cancel_reason; UPDATE orders SET status = 'returned'"
    ),
    ShopHabit(
      "amounts become numbers",
      """
      BEGIN; CREATE TABLE n(id INTEGER PRIMARY KEY, name TEXT, category TEXT, supplier_cuit TEXT, base_price REAL);
      INSERT INTO n SELECT \(copied) FROM products; DROP TABLE products; ALTER TABLE n RENAME TO products; COMMIT;
      UPDATE products SET base_price = 16.8 - 0.000000000000003; INSERT INTO products VALUES(9, 'x', 'y', NULL, 1e3);
      """),
    ShopHabit(
      "names in other cases",
      """
      BEGIN; CREATE TABLE n(ID INTEGER PRIMARY KEY, City TEXT, STATE TEXT); INSERT INTO n SELECT * FROM stores;
      DROP TABLE stores; ALTER TABLE n RENAME TO Stores; COMMIT; UPDATE STORES SET CITY = 'Ely';
      INSERT INTO sToReS VALUES(3, 'Reno', 'NV');
      """),
    ShopHabit(
      "a generated column",
      """
      BEGIN; CREATE TABLE n(id INTEGER PRIMARY KEY, name TEXT, category TEXT, supplier_cuit TEXT, cents INTEGER,
        base_price REAL GENERATED ALWAYS AS (cents / 100.0) VIRTUAL);
      INSERT INTO n(id, name, category, cents) SELECT id, name, category, 250 FROM products; DROP TABLE products;
      ALTER TABLE n RENAME TO products; COMMIT; UPDATE products SET cents = 275;
      """),
    ShopHabit(
      "a generated column that is kept, among names in other cases",
      """
      BEGIN; CREATE TABLE n(Id INTEGER PRIMARY KEY, City TEXT, raw TEXT, STATE TEXT AS (upper(raw)) STORED);
      INSERT INTO n(id, city, raw) SELECT id, city, 'nv' FROM stores; DROP TABLE stores; ALTER TABLE n RENAME TO STORES; COMMIT;
      UPDATE stores SET RAW = 'tx'; INSERT INTO Stores(ID, CITY, raw) VALUES(2, 'Reno', 'ca');
      """),
    ShopHabit(
      "a table without an index of its key",
      """
      CREATE TABLE n AS SELECT * FROM countries; DROP TABLE countries; ALTER TABLE n RENAME TO countries;
      INSERT INTO countries VALUES('DE', 'Germany'); DELETE FROM countries WHERE code = 'US';
      """),
    ShopHabit(
      "VACUUM",
      "INSERT INTO countries VALUES('DE', 'Germany'), ('FR', 'France'); DELETE FROM countries WHERE code = 'DE'; VACUUM; UPDATE countries SET name = 'La ' || name"
    ),
  ]

  static let writes = [
    ShopHabit(
      "REPLACE through another unique value", before: "INSERT INTO stores VALUES(2, 'Reno', 'NV')",
      "REPLACE INTO stores VALUES(3, 'Reno', 'CA')"),
    ShopHabit(
      "UPDATE OR REPLACE", before: "INSERT INTO stores VALUES(2, 'Reno', 'NV')",
      "UPDATE OR REPLACE stores SET city = 'Reno' WHERE id = 1"),
    ShopHabit(
      "REPLACE with recursive triggers", before: "INSERT INTO stores VALUES(2, 'Reno', 'NV')",
      "PRAGMA recursive_triggers=ON; REPLACE INTO stores VALUES(3, 'Reno', 'CA'); REPLACE INTO stores VALUES(1, 'Ely', 'NV')"
    ),
    ShopHabit(
      "REPLACE of the key itself",
      "REPLACE INTO stores VALUES(1, 'Ely', 'NV'); REPLACE INTO stock VALUES(7, 'Austin', 1, '2026-10-01T09:00:00Z')"),
    ShopHabit(
      "UPSERT",
      """
      INSERT INTO stores VALUES(1, 'Ely', 'NV') ON CONFLICT(id) DO UPDATE SET city = excluded.city;
      INSERT INTO stores VALUES(2, 'Ely', 'NV') ON CONFLICT(city) DO UPDATE SET state = 'UT';
      INSERT INTO stores VALUES(2, 'Ely', 'NV') ON CONFLICT DO NOTHING; INSERT OR IGNORE INTO stores VALUES(1, 'x', 'y')
      """),
    ShopHabit(
      "UPSERT with conditions, in several steps, and what it answers",
      """
      INSERT INTO stores VALUES(1, 'Ely', 'NV'), (2, 'Reno', 'NV') ON CONFLICT(id) DO UPDATE SET state = 'no' WHERE state = '?'
        ON CONFLICT(city) DO NOTHING RETURNING id;
      INSERT INTO stores VALUES(1, 'Ely', 'NV') ON CONFLICT(id) DO UPDATE SET (city, state) = (excluded.city, state || 'x')
        WHERE excluded.state <> state ON CONFLICT(city) DO UPDATE SET state = 'other';
      UPDATE stores SET state = p.category FROM products AS p WHERE p.id = 7 AND stores.id = 2;
      """),
    ShopHabit(
      "conflicts that a statement answers", fails: true,
      """
      INSERT OR ABORT INTO stores VALUES(2, 'Reno', 'NV'); UPDATE OR IGNORE stores SET city = 'Reno';
      INSERT OR REPLACE INTO stores VALUES(2, 'Austin', 'TX'); INSERT OR FAIL INTO stores VALUES(3, 'Ely', 'NV'), (2, 'x', 'y');
      """),
    ShopHabit(
      "a conflict that takes the transaction back", fails: true,
      "BEGIN; INSERT INTO stores VALUES(2, 'Reno', 'NV'); INSERT OR ROLLBACK INTO stores VALUES(1, 'x', 'y'); COMMIT"),
    ShopHabit(
      "conflicts that the table answers",
      before: """
        DROP TABLE stores; CREATE TABLE stores(id INTEGER PRIMARY KEY ON CONFLICT REPLACE, city TEXT UNIQUE ON CONFLICT REPLACE,
          state TEXT NOT NULL ON CONFLICT REPLACE DEFAULT 'none');
        INSERT INTO stores VALUES(1, 'Austin', 'TX'), (2, 'Reno', 'NV'), (3, 'Ely', 'NV');
        """,
      "INSERT INTO stores VALUES(4, 'Reno', NULL); UPDATE stores SET city = 'Austin' WHERE id = 3; INSERT INTO stores VALUES(4, 'x', 'y')"
    ),
    ShopHabit(
      "numbers as programs print them",
      """
      UPDATE products SET base_price = '16.799999999999997'; INSERT INTO products VALUES(8, 'a', 'x', NULL, '1.5e3');
      INSERT INTO products VALUES(9, 'b', 'x', NULL, 1.5e-3); INSERT INTO products VALUES(10, 'c', 'x', NULL, 0.1 + 0.2);
      INSERT INTO products VALUES(11, 'd', 'x', NULL, '2E+2'), (12, 'e', 'x', NULL, 3), (13, 'f', 'x', NULL, 1e6 / 3);
      """),
    ShopHabit("a cascade", "PRAGMA foreign_keys=ON; DELETE FROM orders WHERE id = 100"),
    ShopHabit("everything at once is deleted", "DELETE FROM order_items; DELETE FROM stock"),
    ShopHabit(
      "keys change places",
      "UPDATE order_items SET id = -id; UPDATE order_items SET id = 2001 + id; UPDATE stock SET location = 'Reno'"),
    ShopHabit(
      "a statement that fails halfway", fails: true,
      "UPDATE OR FAIL stores SET city = 'Austin'; INSERT INTO stores VALUES(1, 'x', 'y')"),
    ShopHabit("a transaction that is taken back", "BEGIN; DELETE FROM orders; DROP TABLE stores; ROLLBACK"),
  ]

  private static let price =
    "CREATE TRIGGER app_price AFTER INSERT ON order_items BEGIN UPDATE order_items SET unit_price = '50' WHERE id = NEW.id; END;"

  /// SQLite runs the newest trigger first: so the shop's run before ours where they are made later, and after them else.
  static let triggers = [
    ShopHabit(
      "a trigger changes the row that was made", before: price, "INSERT INTO order_items VALUES(3, 100, 7, 1, '100')"),
    ShopHabit(
      "a trigger made later changes the row that was made",
      price + "INSERT INTO order_items VALUES(3, 100, 7, 1, '100'); UPDATE order_items SET quantity = 8 WHERE id = 3"),
    ShopHabit(
      "triggers that call each other",
      """
      CREATE TRIGGER a AFTER UPDATE OF status ON orders WHEN NEW.status = 'completed' BEGIN
        UPDATE orders SET currency = 'EUR' WHERE id = NEW.id; END;
      CREATE TRIGGER b AFTER UPDATE OF currency ON orders BEGIN UPDATE orders SET status = 'returned' WHERE id = NEW.id; END;
      UPDATE orders SET status = 'completed'
      """),
    ShopHabit(
      "a trigger puts a row back, or takes it away",
      """
      CREATE TRIGGER back AFTER DELETE ON stores BEGIN INSERT INTO stores VALUES(OLD.id, OLD.city || '2', OLD.state); END;
      CREATE TRIGGER away AFTER INSERT ON order_items WHEN NEW.quantity = 0 BEGIN DELETE FROM order_items WHERE id = NEW.id; END;
      DELETE FROM stores WHERE id = 1; INSERT INTO order_items VALUES(3, 100, 7, 0, '1')
      """),
    ShopHabit(
      "a trigger before, and one that refuses",
      """
      CREATE TRIGGER early BEFORE UPDATE ON stores BEGIN UPDATE stores SET state = 'ZZ' WHERE id = OLD.id AND state <> 'ZZ'; END;
      CREATE TRIGGER no BEFORE DELETE ON stores BEGIN SELECT raise(IGNORE); END;
      UPDATE stores SET city = 'Ely'; DELETE FROM stores
      """),
  ]
}

@Suite("What shops do to their databases", .temporaryFolder)
struct ShopHabitsTests {
  /// Goal: after one look what was delivered is what stands in the shop, nothing is red, and no statement of the shop
  /// fails that works without us. Method: the same on a database without Millrace; in one look, and then once more.
  private func check(_ habit: ShopHabit, _ changes: String) throws {
    guard habit.changes.contains(changes) else { return }
    let shop = try ShopTwin(changes)
    #expect(try shop.run(habit.before))
    try shop.check("before")
    #expect(try shop.run(habit.sql) != habit.fails)
    try shop.check("after")
    try shop.run(
      "INSERT INTO orders SELECT 200, company_cuit, customer_id, channel, store_id, order_type, NULL, status, NULL, order_date, currency, NULL, NULL, NULL, created_at, updated_at FROM orders WHERE (SELECT count(*) FROM pragma_table_info('orders')) = 16"
    )
    try shop.check("later")
  }

  @Test("a migration of any common tool is followed in one look", arguments: ShopHabit.migrations, ["every", "latest"])
  func migrations(_ habit: ShopHabit, _ changes: String) throws { try check(habit, changes) }

  @Test("every way of writing is followed in one look", arguments: ShopHabit.writes, ["every", "latest"])
  func writes(_ habit: ShopHabit, _ changes: String) throws { try check(habit, changes) }

  @Test(
    "the shop's own triggers may fire in any order: the last state wins", arguments: ShopHabit.triggers,
    ["every", "latest"])
  func triggers(_ habit: ShopHabit, _ changes: String) throws { try check(habit, changes) }

  /// Goal: a view is no table: what stands behind it was not deleted. Method: the table gets another name and a view its old
  /// one, a row is written, and the table comes back.
  @Test(
    "a table whose name a view takes over keeps its rows and is red until it is back", arguments: ["every", "latest"])
  func viewInItsPlace(_ changes: String) throws {
    let shop = try ShopTwin(changes)
    try shop.check("before")
    let before = try shop.bench.logged().count
    #expect(try shop.run("ALTER TABLE stores RENAME TO real_stores; CREATE VIEW stores AS SELECT * FROM real_stores"))
    #expect(try shop.run("INSERT INTO real_stores VALUES(77, 'Reno', 'NV')"))
    try shop.bench.capture()
    try shop.bench.capture()
    #expect(try shop.bench.logged()[before...].allSatisfy { $0.event.operation != .delete })
    #expect(try shop.bench.status().faults(isCapturing: false).contains { $0.contains("stores") })
    #expect(try shop.run("DROP VIEW stores; ALTER TABLE real_stores RENAME TO stores"))
    try shop.check("back")
    #expect(try shop.bench.status().faults(isCapturing: false) == [])
  }

  @Test("a table that is dumped and reloaded, or a file restored from a copy, leaves nothing behind")
  func restored() throws {
    let shop = try ShopTwin()
    try shop.check("before")
    try shop.exchange { try FileManager.default.copyItem(atPath: $0, toPath: $0 + ".bak") }
    try shop.run(
      "INSERT INTO stores VALUES(2, 'Reno', 'NV'); UPDATE orders SET status = 'completed'; DELETE FROM stock")
    try shop.check("after the copy was taken")
    try shop.exchange { path in
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.moveItem(atPath: path + ".bak", toPath: path)
    }
    try shop.check("restored")
    #expect(try shop.bench.status().sources.first?.epoch == 2)
    try shop.run("DELETE FROM order_items WHERE id = 1000; INSERT INTO stores VALUES(4, 'Ely', 'NV')")
    try shop.check("after it was restored")
    #expect(try shop.bench.status().sources.first?.epoch == 2)
  }
}
