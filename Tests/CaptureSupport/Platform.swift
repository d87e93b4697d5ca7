/// A small platform database as the company would run it.
package enum Platform {
  package static let schema = """
    CREATE TABLE countries(code TEXT PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE companies(cuit TEXT PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, country TEXT NOT NULL, login TEXT);
    CREATE TABLE customers(id INTEGER PRIMARY KEY, company_cuit TEXT, document_number TEXT, username TEXT, full_name TEXT,
      email TEXT, phone TEXT, birth_date TEXT, country TEXT NOT NULL, address TEXT, payment_card TEXT);
    CREATE TABLE stores(id INTEGER PRIMARY KEY, city TEXT NOT NULL, state TEXT NOT NULL);
    CREATE TABLE products(id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, supplier_cuit TEXT,
      base_price TEXT NOT NULL);
    CREATE TABLE company_catalogs(company_cuit TEXT NOT NULL, product_id INTEGER NOT NULL, sale_price TEXT NOT NULL,
      currency TEXT NOT NULL, valid_from TEXT NOT NULL, PRIMARY KEY(company_cuit, product_id, valid_from));
    CREATE TABLE orders(id INTEGER PRIMARY KEY, company_cuit TEXT, customer_id INTEGER, channel TEXT NOT NULL,
      store_id INTEGER, order_type TEXT NOT NULL, parent_order_id INTEGER, status TEXT NOT NULL, cancel_reason TEXT,
      order_date TEXT NOT NULL, currency TEXT NOT NULL, ship_to_country TEXT, ship_to_address TEXT, note TEXT,
      created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
    CREATE TABLE order_items(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, product_id INTEGER NOT NULL,
      quantity INTEGER NOT NULL, unit_price TEXT NOT NULL);
    CREATE TABLE shipments(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, carrier TEXT NOT NULL, service TEXT NOT NULL,
      destination_country TEXT NOT NULL, status TEXT NOT NULL, promised_date TEXT, cost TEXT, event_time TEXT NOT NULL);
    CREATE TABLE stock(product_id INTEGER NOT NULL, location TEXT NOT NULL, quantity INTEGER NOT NULL,
      updated_at TEXT NOT NULL, PRIMARY KEY(product_id, location)) WITHOUT ROWID;
    CREATE TABLE exchange_rates(date TEXT NOT NULL, currency TEXT NOT NULL, rate TEXT NOT NULL,
      PRIMARY KEY(date, currency));
    """

  package static func order(_ id: Int, status: String = "placed", note: String = "none", date: String = "2026-10-01")
    -> String
  {
    """
    INSERT INTO orders VALUES(\(id), '30-50001091-2', 1, 'b2b', NULL, 'sale', NULL, '\(status)', NULL, '\(date)', 'USD',
      'US', '12 Canary Street', '\(note)', '2026-10-01T10:00:00Z', '2026-10-01T10:00:00Z');
    """
  }

  package static func line(_ id: Int, order: Int) -> String {
    "INSERT INTO order_items VALUES(\(id), \(order), 7, 2, '129.90');"
  }

  /// One row or two of everything.
  package static let rows =
    """
    INSERT INTO countries VALUES('US', 'United States');
    INSERT INTO companies VALUES('30-50001091-2', 'Acme SA', 'client', 'AR', 'acme-login');
    INSERT INTO companies VALUES('20-12345678-6', 'Juan Canary', 'supplier', 'AR', NULL);
    INSERT INTO stores VALUES(1, 'Austin', 'TX');
    INSERT INTO products VALUES(7, 'Phone', 'Mobile', '20123456786', '99.5');
    INSERT INTO company_catalogs VALUES('20-12345678-6', 7, '120.00', 'USD', '2026-01-01');
    INSERT INTO exchange_rates VALUES('2026-10-01', 'EUR', '1.0825');
    INSERT INTO customers VALUES(1, '30-50001091-2', '28.123.456', 'canary-user', 'Ana Canary', 'Ana@Canary.example',
      '+54 11 5555-0001', '1980-02-29', 'AR', '1 Canary Road', '4111 1111 1111 1111');
    INSERT INTO stock VALUES(7, 'Austin', 5, '2026-10-01T09:00:00Z');
    \(order(100, note: "card 5500005555555559 cvv 987")) \(line(1000, order: 100)) \(line(1001, order: 100))
    INSERT INTO shipments VALUES(50, 100, 'UPS', 'ground', 'US', 'label created', '2026-10-05', '7.25',
      '2026-10-01T11:00:00Z');
    """
}
