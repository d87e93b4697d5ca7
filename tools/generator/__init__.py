"""Makes Swift sources and the data dictionary from the contract in proto/: see tools/generate."""
