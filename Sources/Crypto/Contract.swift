enum CryptoModule {}
