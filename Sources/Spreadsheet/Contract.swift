enum SpreadsheetModule {}
