#!/usr/bin/env python3
"""Makes the kept workspace: make.py MILLRACE FOLDER (README.md says with which program it was made, and what for).

Every row is written out or follows from its number; only keys, log id and the moments of capturing differ between two
runs. Needs nothing but Python and its sqlite3.
"""

import os
import shutil
import sqlite3
import subprocess
import sys

millrace, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
shop = f"{folder}/sources/platform.sqlite"

CONFIGURATION = """\
base_currency: USD
partitions: 3
sources:
  - {name: platform, kind: sqlite, path: sources/platform.sqlite, mapping: platform}
  - {name: weblog, kind: weblog, path: sources/weblogs/access.log}
  - {name: leads, kind: leads, folder: sources/leads}
  - {name: spend, kind: spend, folder: sources/spend}
site:
  hosts: [shop.electroniz.example]
  sign_in_paths: [/login]
  health_paths: [/health]
  staff_users: [staff-ana]
data:
  user_agents: data/regexes.yaml
  countries: [data/geoip]
"""

# The least that is valid data, so that the kept dumps depend on no package of the machine.
REGEXES = """\
user_agent_parsers:
  - regex: '(Firefox)/(\\d+)\\.(\\d+)'
  - regex: '(Googlebot)/(\\d+)\\.(\\d+)'
os_parsers:
  - regex: '(Linux)'
device_parsers:
  - regex: '(iPhone)'
    device_replacement: 'iPhone'
    brand_replacement: 'Apple'
    model_replacement: 'iPhone'
"""
# 203.0.113.0/24 and 198.51.100.0/24, which are nobody's.
GEOIP = "3325256704,3325256959,US\n3405803776,3405804031,AR\n"

SCHEMA = """
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
  quantity INTEGER NOT NULL, unit_price TEXT NOT NULL, discount TEXT);
CREATE TABLE shipments(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, carrier TEXT NOT NULL, service TEXT NOT NULL,
  destination_country TEXT NOT NULL, status TEXT NOT NULL, promised_date TEXT, cost TEXT, event_time TEXT NOT NULL);
CREATE TABLE stock(product_id INTEGER NOT NULL, location TEXT NOT NULL, quantity INTEGER NOT NULL,
  updated_at TEXT NOT NULL, PRIMARY KEY(product_id, location));
CREATE TABLE exchange_rates(date TEXT NOT NULL, currency TEXT NOT NULL, rate TEXT NOT NULL,
  PRIMARY KEY(date, currency));
"""

# A company, another one, and a natural person, whose number is personal.
ACME, BETA, PERSON = "30-50001091-2", "30-70000001-4", "20-12345678-6"

ROWS = f"""
INSERT INTO countries VALUES('US', 'United States'), ('AR', 'Argentina'), ('DE', 'Germany');
INSERT INTO companies VALUES('{ACME}', 'Acme SA', 'client', 'AR', 'acme-login'),
  ('{BETA}', 'Beta SA', 'supplier', 'AR', NULL), ('{PERSON}', 'Juan Kept', 'client', 'AR', 'juan-login');
INSERT INTO stores VALUES(1, 'Austin', 'TX'), (2, 'Reno', 'NV');
INSERT INTO products VALUES(1, 'Phone', 'Mobile', '{BETA}', '99.5'), (2, 'Cable', 'Parts', '{BETA}', '9.99'),
  (3, 'Screen', 'Parts', '{PERSON}', '149'), (4, 'Radio', 'Audio', NULL, '59.00'), (5, 'Lamp', 'Home', '{ACME}', '19');
INSERT INTO company_catalogs VALUES('{ACME}', 1, '95.00', 'USD', '2026-01-01'), ('{ACME}', 2, '8.50', 'EUR', '2026-01-01'),
  ('{PERSON}', 1, '97.00', 'USD', '2026-01-01'), ('{PERSON}', 3, '140.00', 'USD', '2026-02-01');
INSERT INTO stock VALUES(1, 'Austin', 5, '2026-08-01T09:00:00Z'), (2, 'Reno', 70, '2026-08-01T09:00:00Z');
"""


def on_shop(statements):
    database = sqlite3.connect(shop)
    database.executescript(f"BEGIN; {statements} COMMIT;")
    database.close()


def run(*words, expecting=(0,)):
    # Beside its files: this program looks for relative data files in the folder that it is started in.
    done = subprocess.run([millrace, *words, "--workspace", "."], cwd=folder, capture_output=True, text=True)
    print(" ".join(words), done.returncode, done.stdout[-200:], done.stderr[-300:])
    assert done.returncode in expecting


def write(path, text):
    os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
    with open(f"{folder}/{path}", "w", encoding="latin-1") as file:
        file.write(text)


def customer(number):
    company = {2: f"'{ACME}'", 3: f"'{PERSON}'"}.get(number, "NULL")
    return (
        f"INSERT INTO customers VALUES({number}, {company}, '28.123.45{number}', 'user-{number}', 'Ana Kept {number}', "
        f"'ana{number}@kept.example', '+54 11 5555-000{number}', '19{70 + number}-02-2{number}', "
        f"'{'US' if number % 2 else 'AR'}', '{number} Kept Road', '4111 1111 1111 1111');"
    )


def moment(number):
    return f"2026-{8 + number % 3:02}-{1 + number % 28:02}"


def order(number):
    """Of three channels; every eighth a purchase, some returned to their parents' order, one with an unknown currency."""
    channel = ["b2b", "ecommerce", "store"][number % 3]
    company = {"b2b": f"'{ACME if number % 2 else PERSON}'"}.get(channel, "NULL")
    person = 1 + number % 6 if channel != "b2b" else "NULL"
    store = 1 + number % 2 if channel == "store" else "NULL"
    kind = "purchase" if number % 8 == 0 else "sale"
    status = ["placed", "completed", "completed", "cancelled"][number % 4]
    reason = "'out_of_stock'" if status == "cancelled" else "NULL"
    currency = "EUR" if number % 5 == 0 else "USD"
    day = moment(number)
    text = (
        f"INSERT INTO orders VALUES({number}, {company}, {person}, '{channel}', {store}, '{kind}', NULL, '{status}', "
        f"{reason}, '{day}', '{currency}', 'US', '{number} Kept Street', NULL, '{day}T10:00:00Z', '{day}T10:00:00Z');"
    )
    for line in range(1 + number % 3):
        discount = "'0.10'" if (number + line) % 7 == 0 else "NULL"
        quantity = 900_000_000 if number == 29 and line == 0 else 1 + (number + line) % 4
        text += (
            f"INSERT INTO order_items VALUES({number * 10 + line}, {number}, {1 + (number + line) % 5}, {quantity}, "
            f"'{20 + number}.90', {discount});"
        )
    if channel == "ecommerce":
        text += (
            f"INSERT INTO shipments VALUES({number}, {number}, 'UPS', 'ground', 'US', 'delivered', '{day}', '7.25', "
            f"'{day}T11:00:00Z');"
        )
    return text


def line(number):
    ip = f"{'203.0.113' if number % 3 else '198.51.100'}.{1 + number % 5}"
    user = {0: "user-1", 1: "acme-login", 4: "user-2", 7: "staff-ana"}.get(number % 10, "-")
    path = "/login" if user != "-" else ["/catalog", "/products/1?utm_source=google&utm_medium=cpc&utm_campaign=fall",
                                         "/products/3", "/health"][number % 4]
    status = 401 if number % 13 == 0 else 200
    agent = ["Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0", "Mozilla/5.0 (iPhone)", "Googlebot/2.1"][number % 3] + ("" if number % 11 else " \xff")
    time = f"{1 + number % 28:02}/{['Aug', 'Sep', 'Oct'][number % 3]}/2026:12:{number % 60:02}:00 +0000"
    return f'{ip} - {user} [{time}] "GET {path} HTTP/1.1" {status} {100 + number} "https://www.google.com/" "{agent}"\n'


LEADS = ("lead_id,created_at,campaign,company_name,industry,contact_name,contact_email,contact_phone,lead_source,"
         "estimated_annual_revenue,country,status,status_updated_at\n")


def lead(number, status):
    created = "yesterday" if number == 9 else f"2026-09-{number:02}T08:00:00Z"
    return (f"L-{number},{created},fall,Kept {number} SA,retail,Ana,ana{number}@kept.example,1,trade show,1000.00,US,"
            f"{status},2026-10-{number:02}T09:00:00Z\n")


def spend(month, factor, days=28):
    rows = "day,market,channel,campaign,amount,currency\r\n"
    for day in range(1, days + 1, 3):
        for channel in ["search", "display"]:
            rows += f"2026-{month:02}-{day:02},US,{channel},fall,{factor * day}.50,USD\r\n"
    return rows


os.makedirs(folder)
run("init")
write("millrace.yaml", CONFIGURATION)
write("data/regexes.yaml", REGEXES)
write("data/geoip", GEOIP)

# Epoch 1.
database = sqlite3.connect(shop)
database.executescript(SCHEMA)
database.close()
on_shop(ROWS)
on_shop("".join(customer(number) for number in range(1, 7)))
on_shop("".join(f"INSERT INTO exchange_rates VALUES('2026-{month:02}-{day:02}', 'EUR', '1.0{month}{day}');"
                for month in (8, 9, 10) for day in (1, 15)))
on_shop("".join(order(number) for number in range(1, 31)))
write("sources/weblogs/access.log", "".join(line(number) for number in range(30)) + "no line of a web log\n")
write("sources/leads/leads-1.csv", LEADS + "".join(lead(number, "new") for number in range(1, 10)))
write("sources/spend/spend-2026-08.csv", spend(8, 2) + "2026-08-40,US,display,fall,1.00,USD\r\n")
write("sources/spend/spend-2026-09.csv", spend(9, 3))
run("capture", "--once")
run("project", "--once")

# Six orders come and go: the shop goes back to an older copy of itself. Epoch 2.
shutil.copy(shop, f"{folder}/older.sqlite")
on_shop("".join(order(number) for number in range(31, 37)))
run("capture", "--once")
os.replace(f"{folder}/older.sqlite", shop)
on_shop(order(37))
run("capture", "--once")
on_shop(order(38) + "UPDATE orders SET status='returned', updated_at='2026-11-01T10:00:00Z' WHERE id=9;")
run("capture", "--once")

# The triggers go, the shop changes meanwhile, they come back. Epoch 3.
run("capture", "--uninstall")
on_shop("UPDATE orders SET status='completed', updated_at='2026-11-02T10:00:00Z' WHERE id=12;" + order(39))
os.replace(f"{folder}/sources/weblogs/access.log", f"{folder}/sources/weblogs/access.log.1")
write("sources/weblogs/access.log", "".join(line(number) for number in range(30, 45)))
run("capture", "--once")
run("project", "--once")

# Old orders are updated and deleted, and what belongs to them.
LATER = "updated_at='2026-11-03T10:00:00Z'"
on_shop(f"""
UPDATE orders SET status='cancelled', cancel_reason='customer', {LATER} WHERE id IN (1, 6, 37);
UPDATE orders SET company_cuit='{PERSON}', {LATER} WHERE id=3;
UPDATE orders SET customer_id=2, ship_to_address='elsewhere', {LATER} WHERE id=4;
UPDATE orders SET currency='ZZZ', {LATER} WHERE id=14;
DELETE FROM order_items WHERE order_id=2; DELETE FROM orders WHERE id=2;
DELETE FROM order_items WHERE id=50;
UPDATE order_items SET quantity=9, unit_price='11.11' WHERE order_id=7;
UPDATE order_items SET order_id=8 WHERE id=171;
DELETE FROM orders WHERE id=11;
UPDATE customers SET email='new@kept.example', username='user-1-new' WHERE id=1;
DELETE FROM customers WHERE id=6;
UPDATE companies SET login='juan-new' WHERE cuit='{PERSON}';
UPDATE products SET base_price='105.00' WHERE id=1; DELETE FROM products WHERE id=5;
DELETE FROM company_catalogs WHERE product_id=2;
INSERT INTO company_catalogs VALUES('{ACME}', 1, '93.00', 'USD', '2026-09-01');
DELETE FROM exchange_rates WHERE date='2026-08-15';
UPDATE stores SET city='Sparks' WHERE id=2;
UPDATE stock SET quantity=4, updated_at='2026-11-03T10:00:00Z' WHERE product_id=1;
DELETE FROM shipments WHERE id=4;
{order(40)} {order(41)}
""")
write("sources/leads/leads-2.csv", LEADS + "".join(lead(number, "converted") for number in range(2, 8)))
write("sources/spend/spend-2026-09.csv", spend(9, 4, days=20))
write("sources/spend/spend-2026-10.csv", spend(10, 5))
run("capture", "--once")
run("project", "--once")

# A decision, and a last look at everything.
run("budget", "plan", "--total", "1000.01", "--period", "2026-11", "--as-of", "2026-10-31", "--force")
run("capture", "--once")
run("project", "--once")
run("status", expecting=(0, 73))

# Where the program lay is nobody's concern.
database = sqlite3.connect(f"{folder}/runs.sqlite")
with database:
    database.execute("UPDATE runs SET command = replace(command, ?, 'millrace')", [millrace])
database.execute("VACUUM")
database.close()

# What waits in write-ahead logs goes into the files: less to keep.
for place, _, names in os.walk(folder):
    for name in names:
        if name.endswith(".sqlite") and "platform" not in name:
            database = sqlite3.connect(f"{place}/{name}")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.close()
