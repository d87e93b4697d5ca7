enum CaptureModule {}
