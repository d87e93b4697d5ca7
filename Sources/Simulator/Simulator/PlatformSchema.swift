/// The tables of the simulated platform database, as docs/reference/platform.md shows them.
package enum PlatformSchema {
  /// Statements that make the empty tables.
  package static let sql = """
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
      updated_at TEXT NOT NULL, PRIMARY KEY(product_id, location));
    CREATE TABLE exchange_rates(date TEXT NOT NULL, currency TEXT NOT NULL, rate TEXT NOT NULL,
      PRIMARY KEY(date, currency));
    CREATE TABLE returns(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, product_id INTEGER NOT NULL,
      quantity INTEGER NOT NULL, reason TEXT NOT NULL, refund TEXT NOT NULL, currency TEXT NOT NULL,
      returned_at TEXT NOT NULL);
    """
}
